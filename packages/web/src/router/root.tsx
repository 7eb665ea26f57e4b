// What stands around every page: who may see it, the shell, and the dialog of a session that has ended.
import { lazy, Suspense } from 'react';
import { Outlet, useMatches, useRouterState } from '@tanstack/react-router';
import { hasRole, useSession } from '../api/session-store.ts';
import { readNext, splitAddress, writeEntry } from '../pages/session/next-address.ts';
import { Redirect } from '../parts/page/redirect.tsx';
import { pages, type Page } from './page-list.ts';
import { PageDenied } from './page-message.tsx';
import { toRoutePath } from './route-path.ts';
import { Shell } from './shell.tsx';

// Fetched when it is needed: with the form it is a tenth of the first load.
const SessionDialog = lazy(() => import('./session-dialog.tsx'));

export function Root() {
  const { status, session } = useSession();
  const page = usePage();
  const address = useRouterState({ select: ({ location }) => location.href });
  if (page?.access === 'open') {
    return status === 'in' ? <Redirect {...splitAddress(readNext(location.search))} /> : <Outlet />;
  }
  if (session === null || status === 'out') return <Redirect {...splitAddress(writeEntry(address))} />;
  const mayOpen = page === undefined || hasRole(session.person, page.access);
  return (
    <>
      <Shell person={session.person} section={page?.section}>
        {mayOpen ? <Outlet /> : <PageDenied />}
      </Shell>
      {status === 'ended' && (
        <Suspense fallback={null}>
          <SessionDialog person={session.person} />
        </Suspense>
      )}
    </>
  );
}

/** The entry of the list that is open; undefined for an address that leads nowhere. */
function usePage(): Page | undefined {
  const routeId: unknown = useMatches().at(-1)?.routeId;
  return pages.find(({ path }) => toRoutePath(path) === routeId);
}
