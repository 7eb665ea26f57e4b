// Begins: asks who is signed in, while the code that every page needs is on its way.
import { askFactsAhead, askSession } from './api/entry-call.ts';

const asked = askSession();
void fetchNext().catch(() => undefined);

/** As soon as it is known what that is; start.tsx tells of what goes wrong. */
async function fetchNext(): Promise<void> {
  if ((await asked) === null) askFactsAhead();
  else await import('./router/app.tsx');
}

const { start } = await import('./router/start.tsx');
await start(asked);
