// Begins: asks who is signed in, while the code that every page needs is on its way.
import { askFactsAhead, askSession } from './api/entry-call.ts';

const asked = askSession();
void asked.then((session) => session === null && askFactsAhead()).catch(() => undefined);
const { start } = await import('./router/start.tsx');
await start(asked);
