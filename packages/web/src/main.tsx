// Begins: asks who is signed in, then shows the page of the address.
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './router/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';
import { createQueryClient } from './api/query.ts';
import { StartFailed } from './router/start-failed.tsx';
import { restoreSession } from './router/restore-session.ts';
import { createPageRouter } from './router/routes.tsx';
import { theme, variables } from './router/theme.ts';

const Notifications = lazy(async () => ({
  default: (await import('@mantine/notifications')).Notifications,
}));
const root = createRoot(document.getElementById('root')!);
const client = createQueryClient();
const router = createPageRouter();

function show(content: React.ReactNode): void {
  root.render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Suspense fallback={null}>
        <Notifications position="bottom-right" />
      </Suspense>
      {content}
    </MantineProvider>,
  );
}

async function start(): Promise<void> {
  try {
    await restoreSession();
  } catch (error) {
    show(<StartFailed error={error} onRetry={() => void start()} />);
    return;
  }
  show(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

void start();
