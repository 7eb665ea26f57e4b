// Buttons follow the person's rights on the flow: owner, editor and viewer of it, each in every place that changes something.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Page, Request } from 'playwright-core';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { flowPermissionEndpoints } from '@flowhook/contract/flow/flow-permission';
import { until } from '../../server/test/wait.ts';
import { describeInBrowser } from './rig.ts';
import { makeWorld, type World } from './world.ts';

type FlowRole = 'owner' | 'collaborator' | 'readOnly';
const change = ['collaborator', 'owner'] as const;
const everybody = ['readOnly', ...change] as const;

interface Place {
  readonly about: string;
  address(world: World, openJob: number): string;
  /** Opened first, where what may be done stands in a menu. */
  readonly menu?: string;
  /** What everybody sees there: the page stands. */
  stands(page: Page): Promise<void>;
  /** Buttons and menu items, and who has them. */
  readonly actions: Readonly<Record<string, readonly FlowRole[]>>;
}

const places: readonly Place[] = [
  {
    about: 'the list of flows',
    address: () => '/flows',
    stands: (page) => page.getByRole('link', { name: 'Orders' }).waitFor(),
    menu: 'What can be done with Orders',
    actions: { Rename: change, Sharing: everybody, Copy: everybody, Export: everybody, Delete: ['owner'] },
  },
  {
    about: 'a flow',
    address: ({ ids }) => `/flows/${ids.flow}?recipe=${ids.recipe}`,
    menu: 'More actions of this flow',
    stands: (page) => page.getByRole('tab', { name: 'First rows' }).waitFor(),
    actions: {
      'Add dataset': change,
      'Add recipe': change,
      Actions: change,
      Webhooks: everybody,
      'Run all outputs': everybody,
      Schedule: everybody,
      Rename: change,
      'Delete the flow': ['owner'],
    },
  },
  {
    about: 'an output',
    address: ({ ids }) => `/flows/${ids.flow}?output=${ids.output}`,
    stands: (page) => page.getByRole('heading', { level: 2 }).first().waitFor(),
    actions: { Run: everybody, 'Delete the output': change },
  },
  {
    about: 'the webhooks of a flow',
    address: ({ ids }) => `/flows/${ids.flow}?panel=webhooks`,
    stands: (page) => page.getByRole('list', { name: 'Webhook tasks' }).waitFor(),
    actions: { 'Create webhook task': change, 'What can be done with Tell the receiver': change },
  },
  {
    about: 'a job that has ended',
    address: ({ ids }) => `/jobs/${ids.job}?tab=webhooks`,
    stands: (page) => page.getByRole('region', { name: 'Tell the receiver' }).waitFor(),
    actions: { 'Run again': everybody, Redeliver: change, 'Send as new': change },
  },
  {
    about: 'a job of somebody else that goes on',
    address: (_, openJob) => `/jobs/${openJob}`,
    stands: (page) => page.getByText('Asked for').waitFor(),
    actions: { 'Cancel the job': change },
  },
  {
    about: 'a delivery',
    address: ({ ids }) => `/deliveries/${ids.delivery}`,
    stands: (page) => page.getByRole('heading', { name: 'Attempts' }).waitFor(),
    actions: { Redeliver: change, 'Send as new': change },
  },
  {
    about: 'the schedule of a flow',
    address: ({ ids }) => `/flows/${ids.flow}/schedule`,
    stands: (page) => page.getByRole('form', { name: 'Schedule of the flow' }).waitFor(),
    actions: { Disable: change, Delete: change },
  },
  {
    about: 'the parameters of a flow',
    address: ({ ids }) => `/flows/${ids.flow}/parameters`,
    stands: (page) => page.getByText('Where the orders come from').waitFor(),
    actions: { 'New parameter': change },
  },
];

async function makeRightWorld() {
  const world = await makeWorld();
  const { author, addPerson } = world.server;
  const { flow } = world.ids;
  const people = {
    owner: author,
    collaborator: await addPerson('author'),
    readOnly: await addPerson('author'),
  };
  for (const role of ['collaborator', 'readOnly'] as const) {
    const body = { data: [{ personId: people[role].id, role }] };
    await author.call(flowPermissionEndpoints.give, { params: { id: flow }, body });
  }
  const { id: openJob } = await author.call(externalJobEndpoints.create, { body: { flow: { id: flow } } });
  return { ...world, people, openJob };
}

describeInBrowser('the buttons of a flow', makeRightWorld, (rig) => {
  for (const role of everybody) {
    it(`follow the rights of ${role}`, async () => {
      const tab = await rig.tabOf(rig.world.people[role]);
      const { page } = tab;
      const asked = new Set<Request>();
      page.on('request', (request) => request.url().endsWith('/v4/events') || asked.add(request));
      page.on('requestfinished', (request) => asked.delete(request));
      page.on('requestfailed', (request) => asked.delete(request));
      for (const { about, address, menu, stands, actions } of places) {
        await tab.goTo(address(rig.world, rig.world.openJob));
        await stands(page);
        const wanted = Object.entries(actions).filter(([, roles]) => roles.includes(role));
        const names = Object.keys(actions);
        const seen = async () => {
          const all = await buttonNames(page);
          return names.filter((name) => all.includes(name));
        };
        if (menu !== undefined) await page.getByRole('button', { name: menu }).click();
        // Rights are read beside the page: with the last answer every button is there.
        await until(() => asked.size === 0, `all answers of ${about}`);
        await until(async () => (await seen()).length >= wanted.length, `${about}, ${role}`);
        const shown = await seen();
        assert.deepEqual(
          shown,
          wanted.map(([name]) => name),
          `${about}, ${role}`,
        );
      }
    });
  }
});

/** Names of all buttons and menu items that can be seen. */
async function buttonNames(page: Page): Promise<string[]> {
  return page
    .locator('button, [role="menuitem"]')
    .evaluateAll((elements) =>
      elements
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        .map((element) => element.getAttribute('aria-label') ?? element.textContent ?? ''),
    );
}
