// The app of whoever is signed in: its pages, with what they have read, and short notices.
import '../parts/mantine.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { createQueryClient } from '../api/query.ts';
import { createPageRouter } from './routes.tsx';

const Notifications = lazy(() => import('./notices.tsx'));

export function App() {
  // Made when it is shown: the address may have been another one when this code came.
  const [{ client, router }] = useState(() => ({ client: createQueryClient(), router: createPageRouter() }));
  return (
    <>
      <Suspense fallback={null}>
        <Notifications />
      </Suspense>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </>
  );
}
