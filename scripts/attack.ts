// The attack suite: drives a real server as nobody, viewer, author and editor, and says which walls held.
//
//   npm run attack                       on the embedded database
//   npm run attack -- --only secret      attacks whose name or kind has this word
//   npm run attack -- --database URL     on an empty PostgreSQL database
//
// Loopback only, bounded in number and time; the server and its folders go when it ends.
import { parseArgs } from 'node:util';
import type { Attack } from './attack/attack.ts';
import { egressAttacks } from './attack/egress.ts';
import { fileAttacks } from './attack/file.ts';
import { nobodyAttacks } from './attack/nobody.ts';
import { rightAttacks } from './attack/right.ts';
import { secretAttacks } from './attack/secret.ts';
import { shareAttacks } from './attack/share.ts';
import { templateAttacks } from './attack/template.ts';
import { makeWorld } from './attack/world.ts';

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, database: { type: 'string' } },
});

const kinds: Readonly<Record<string, readonly Attack[]>> = {
  right: rightAttacks,
  nobody: nobodyAttacks,
  template: templateAttacks,
  secret: secretAttacks,
  file: fileAttacks,
  egress: egressAttacks,
  share: shareAttacks,
};
const attacks = Object.entries(kinds)
  .flatMap(([kind, list]) => list.map((attack) => ({ kind, ...attack })))
  .filter(({ kind, name }) => `${kind} ${name}`.includes(options.only ?? ''));

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stopping.abort(new Error(`Stopped by ${signal}.`)));

const world = await makeWorld(stopping.signal, options.database);
const ended = world.server.ended.then((sentence) => Promise.reject(new Error(sentence)));
ended.catch(() => undefined);
let failed = 0;
let limits = 0;
try {
  for (const { kind, name, who, knownLimit, run } of attacks) {
    stopping.signal.throwIfAborted();
    const began = performance.now();
    const through = await Promise.race([run(world).catch(describe), ended]);
    const took = `${Math.round(performance.now() - began)} ms`;
    const verdict = through === null ? 'held   ' : knownLimit === undefined ? 'BROKEN ' : 'LIMIT  ';
    if (verdict === 'BROKEN ') failed += 1;
    if (verdict === 'LIMIT  ') limits += 1;
    console.log(`${verdict} ${kind}: ${name} (${who}, ${took})`);
    if (through !== null) console.log(`        ${knownLimit ?? through}`);
  }
} catch (error) {
  // The server is gone, or somebody stopped this: none of what was not tried counts as held.
  console.error(`attack: ${describe(error)}\n${world.server.lastLines().join('\n')}`);
  process.exitCode = 1;
} finally {
  await world.stop();
}
console.log(`${attacks.length - failed - limits} passed, ${failed} failed, ${limits} skipped`);
process.exit(process.exitCode === undefined && failed === 0 && attacks.length > 0 ? 0 : 1);

/** An attack that could not be carried out has shown nothing. */
function describe(error: unknown): string {
  return `It could not be tried: ${error instanceof Error ? error.message : String(error)}`;
}
