// Every page there is: the one list that routes, navigation and the tests are made of.
import type { ComponentType } from 'react';
import type { Access } from '@flowhook/contract/endpoint';
import { pageText } from '../text/page.ts';

export type Section = 'home' | 'flows' | 'jobs' | 'deliveries' | 'settings';

export interface Page {
  /** With `:name` parameters, as `/flows/:id`. */
  readonly path: string;
  /** What the document is called until the page itself knows better, and its place in the navigation. */
  readonly title: string;
  /** Who may open it at all; what is in it the API decides. */
  readonly access: Access;
  /** Fetches its code. The file is `pages/AREA/NAME-page.tsx` and its component the default export. */
  readonly load: () => Promise<{ default: ComponentType }>;
  /** The part of the navigation that it belongs to. */
  readonly section?: Section;
  /** True for the page that the navigation leads to. */
  readonly inNavigation?: true;
  /** An address for the tests; `{flow}`, `{recipe}`, `{job}` ... are filled with ids of test/world.ts. */
  readonly example: string;
}

export const pages: readonly Page[] = [
  {
    path: '/sign-in',
    title: pageText.signIn,
    access: 'open',
    load: () => import('../pages/session/sign-in-page.tsx'),
    example: '/sign-in',
  },
  {
    path: '/setup',
    title: pageText.setup,
    access: 'open',
    load: () => import('../pages/session/setup-page.tsx'),
    example: '/setup?token=of-the-printed-link',
  },
  {
    path: '/signed-in',
    title: pageText.signedIn,
    access: 'viewer',
    load: () => import('../pages/session/signed-in-page.tsx'),
    example: '/signed-in',
  },
  {
    path: '/',
    title: pageText.home,
    access: 'viewer',
    load: () => import('../pages/home/home-page.tsx'),
    section: 'home',
    inNavigation: true,
    example: '/',
  },
  {
    path: '/flows',
    title: pageText.flows,
    access: 'viewer',
    load: () => import('../pages/flows/flow-list-page.tsx'),
    section: 'flows',
    inNavigation: true,
    example: '/flows',
  },
  {
    path: '/flows/:id',
    title: pageText.flow,
    access: 'viewer',
    load: () => import('../pages/flow/flow-page.tsx'),
    section: 'flows',
    example: '/flows/{flow}?recipe={recipe}',
  },
  {
    path: '/flows/import',
    title: pageText.importFlows,
    access: 'author',
    load: () => import('../pages/transfer/import-page.tsx'),
    section: 'flows',
    example: '/flows/import',
  },
  {
    path: '/flows/:id/sharing',
    title: pageText.sharing,
    access: 'viewer',
    load: () => import('../pages/sharing/sharing-page.tsx'),
    section: 'flows',
    example: '/flows/{flow}/sharing',
  },
  {
    path: '/jobs',
    title: pageText.jobs,
    access: 'viewer',
    load: () => import('../pages/jobs/job-list-page.tsx'),
    section: 'jobs',
    inNavigation: true,
    example: '/jobs',
  },
  {
    path: '/jobs/:id',
    title: pageText.job,
    access: 'viewer',
    load: () => import('../pages/jobs/job-page.tsx'),
    section: 'jobs',
    example: '/jobs/{job}?tab=webhooks',
  },
  {
    path: '/deliveries',
    title: pageText.deliveries,
    access: 'viewer',
    load: () => import('../pages/deliveries/delivery-list-page.tsx'),
    section: 'deliveries',
    inNavigation: true,
    example: '/deliveries',
  },
  {
    path: '/deliveries/:id',
    title: pageText.delivery,
    access: 'viewer',
    load: () => import('../pages/deliveries/delivery-page.tsx'),
    section: 'deliveries',
    example: '/deliveries/{delivery}',
  },
  {
    path: '/flows/:id/schedule',
    title: pageText.schedule,
    access: 'viewer',
    load: () => import('../pages/schedule/schedule-page.tsx'),
    section: 'flows',
    example: '/flows/{flow}/schedule',
  },
  {
    path: '/flows/:id/parameters',
    title: pageText.parameters,
    access: 'viewer',
    load: () => import('../pages/parameter/parameter-page.tsx'),
    section: 'flows',
    example: '/flows/{flow}/parameters',
  },
  {
    path: '/flows/:id/chain',
    title: pageText.flowChain,
    access: 'viewer',
    load: () => import('../pages/flow/flow-chain-page.tsx'),
    section: 'flows',
    example: '/flows/{flow}/chain',
  },
  {
    path: '/flow-runs/:id',
    title: pageText.flowRun,
    access: 'viewer',
    load: () => import('../pages/flow-run/flow-run-page.tsx'),
    section: 'jobs',
    example: '/flow-runs/{flowRun}',
  },
  {
    path: '/settings',
    title: pageText.settings,
    access: 'administrator',
    load: () => import('../pages/settings/webhook-setting-page.tsx'),
    section: 'settings',
    inNavigation: true,
    example: '/settings',
  },
  {
    path: '/settings/egress',
    title: pageText.egress,
    access: 'administrator',
    load: () => import('../pages/settings/egress-setting-page.tsx'),
    section: 'settings',
    example: '/settings/egress?url=http://127.0.0.1:9/hook',
  },
  {
    path: '/settings/sign-in',
    title: pageText.signInRules,
    access: 'administrator',
    load: () => import('../pages/settings/sign-in-setting-page.tsx'),
    section: 'settings',
    example: '/settings/sign-in',
  },
  {
    path: '/settings/retention',
    title: pageText.retention,
    access: 'administrator',
    load: () => import('../pages/settings/retention-setting-page.tsx'),
    section: 'settings',
    example: '/settings/retention',
  },
  {
    path: '/settings/encryption-key',
    title: pageText.encryptionKey,
    access: 'administrator',
    load: () => import('../pages/settings/encryption-key-page.tsx'),
    section: 'settings',
    example: '/settings/encryption-key',
  },
  {
    path: '/settings/environment',
    title: pageText.environment,
    access: 'administrator',
    load: () => import('../pages/settings/environment-page.tsx'),
    section: 'settings',
    example: '/settings/environment',
  },
  {
    path: '/settings/people',
    title: pageText.people,
    access: 'administrator',
    load: () => import('../pages/settings/people/people-page.tsx'),
    section: 'settings',
    example: '/settings/people',
  },
  {
    path: '/settings/audit',
    title: pageText.auditLog,
    access: 'administrator',
    load: () => import('../pages/settings/audit/audit-page.tsx'),
    section: 'settings',
    example: '/settings/audit',
  },
  {
    path: '/settings/proof',
    title: pageText.proof,
    access: 'administrator',
    load: () => import('../pages/settings/proof-page.tsx'),
    section: 'settings',
    example: '/settings/proof',
  },
  {
    path: '/account',
    title: pageText.account,
    access: 'viewer',
    load: () => import('../pages/account/account-page.tsx'),
    example: '/account',
  },
  {
    path: '/account/tokens',
    title: pageText.tokens,
    access: 'viewer',
    load: () => import('../pages/account/token-page.tsx'),
    example: '/account/tokens',
  },
];
