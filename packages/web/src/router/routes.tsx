// Makes the routes of the list of pages.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type AnyRoute,
} from '@tanstack/react-router';
import { basePath } from '../api/place.ts';
import { Loading } from '../parts/page/answer.tsx';
import { pages } from './page-list.ts';
import { PageBroken, PageMissing } from './page-message.tsx';
import { Root } from './root.tsx';
import { toRoutePath } from './route-path.ts';

export function createPageRouter() {
  const root: AnyRoute = createRootRoute({ component: Root, notFoundComponent: PageMissing });
  const routes = pages.map(({ path, load }) =>
    createRoute({ getParentRoute: () => root, path: toRoutePath(path), component: lazyRouteComponent(load) }),
  );
  root.addChildren([...routes, ...redirectStart(root)]);
  return createRouter({
    routeTree: root,
    basepath: basePath === '' ? '/' : basePath,
    defaultPreload: 'intent',
    defaultPendingComponent: () => <Loading />,
    defaultPendingMs: 150,
    defaultErrorComponent: PageBroken,
    defaultNotFoundComponent: PageMissing,
    scrollRestoration: true,
    parseSearch: readSearch,
    stringifySearch: writeSearch,
  });
}

/** Until there is a page at `/`, it leads to the first of the navigation. */
function redirectStart(root: AnyRoute) {
  const first = pages.find(({ inNavigation }) => inNavigation);
  if (first === undefined || pages.some(({ path }) => path === '/')) return [];
  const beforeLoad = () => {
    throw redirect({ to: first.path });
  };
  return [createRoute({ getParentRoute: () => root, path: '/', beforeLoad })];
}

/** Plain texts, as everybody writes addresses: the router's own form puts strings that look like numbers in quotes. */
function readSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function writeSearch(search: Record<string, unknown>): string {
  const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, String(value)]));
  return text.size === 0 ? '' : `?${text.toString()}`;
}
