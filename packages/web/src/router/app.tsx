// The app of whoever is signed in: its pages, with what they have read, and short notices.
import '../parts/mantine.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { createQueryClient } from '../api/query.ts';
import { useNoticeWanted } from '../parts/page/notice.ts';
import { createPageRouter } from './routes.tsx';

/** What no page waits for is fetched when the first one stands also over a slow line: not before it, nor only in need. */
const quietMs = 5000;

const Notices = lazy(() => import('./notices.tsx'));

export function App() {
  // Made when it is shown: the address may have been another one when this code came.
  const [{ client, router }] = useState(() => ({ client: createQueryClient(), router: createPageRouter() }));
  const [isQuiet, setQuiet] = useState(false);
  const isWanted = useNoticeWanted();
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <Suspense fallback={null}>{(isQuiet || isWanted) && <Notices />}</Suspense>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </>
  );
}
