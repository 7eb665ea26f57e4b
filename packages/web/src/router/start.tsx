// The first screen: the way in, of which each part is small, or the app of whoever is signed in.
import './base-style.css';
import './global.css';
import { MantineProvider } from '@mantine/core';
import { useEffect, type ComponentType, type FocusEvent, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { askSession, type Session } from '../api/entry-call.ts';
import { basePath } from '../api/place.ts';
import { noteSignedIn, noteSignedOut, useSession } from '../api/session-store.ts';
import { readNext, writeEntry } from '../pages/session/next-address.ts';
import SetupPage from '../pages/session/setup-page.tsx';
import SignInPage from '../pages/session/sign-in-page.tsx';
import { pages } from './page-list.ts';
import { findPage } from './route-path.ts';
import { StartFailed } from './start-failed.tsx';
import { theme, variables } from './theme.ts';

/** The pages that stand without the app; in the list of pages they are the open ones. */
const entryPages: Readonly<Record<string, ComponentType>> = { '/sign-in': SignInPage, '/setup': SetupPage };

const root = createRoot(document.getElementById('root')!);

function show(content: ReactNode): void {
  root.render(
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      {content}
    </MantineProvider>,
  );
}

export async function start(asked: Promise<Session | null>): Promise<void> {
  let session: Session | null;
  try {
    session = await asked;
  } catch (error) {
    show(<StartFailed error={error} onRetry={() => void start(askSession())} />);
    return;
  }
  if (session === null) return showEntry();
  noteSignedIn(session);
  await showApp();
}

function showEntry(): void {
  noteSignedOut();
  if (entryPages[readPath()] === undefined) {
    const { search, hash } = location;
    history.replaceState(null, '', basePath + writeEntry(readPath() + search + hash));
  }
  const Page = entryPages[readPath()]!;
  show(
    <Entry onSignedIn={() => void showApp()}>
      <Page />
    </Entry>,
  );
}

/** Below the server's own path. */
function readPath(): string {
  const path = location.pathname.slice(basePath.length);
  return path === '/' ? path : path.replace(/\/$/u, '');
}

interface EntryProps {
  onSignedIn(): void;
  readonly children: ReactNode;
}

/** What is on the screen stays there until the app has come. */
function Entry({ onSignedIn, children }: EntryProps) {
  const { status } = useSession();
  useEffect(() => {
    if (status === 'in') onSignedIn();
    // oxlint-disable-next-line react/exhaustive-deps -- It is about the one moment.
  }, [status]);
  return (
    <div style={{ display: 'contents' }} onFocus={fetchAhead}>
      {children}
    </div>
  );
}

/** While a person types, the app comes; whoever only looks at the page fetches nothing for it. */
function fetchAhead({ target }: FocusEvent): void {
  if (target instanceof HTMLInputElement) fetchApp().catch(() => undefined);
}

function fetchApp() {
  return import('./app.tsx');
}

async function showApp(): Promise<void> {
  if (entryPages[readPath()] !== undefined)
    history.replaceState(null, '', basePath + readNext(location.search));
  try {
    // Beside the app, not after it: its router asks for the same.
    void findPage(pages, readPath())
      ?.load()
      .catch(() => undefined);
    const { App } = await fetchApp();
    show(<App />);
  } catch (error) {
    // What did not come is asked for again with the page.
    show(<StartFailed error={error} onRetry={() => location.reload()} />);
  }
}
