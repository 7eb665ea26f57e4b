// Memory that the start leaves behind, given back once: V8 by itself collects it only when much more is allocated.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type CollectGarbage = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;

/**
 * Takes some 50 ms, so it belongs between the start and the first request. A server with all roles at rest has 112 MB after
 * it, without it 150 (bench/rest.ts).
 */
export function collectStartGarbage(): void {
  // The function is in contexts that are made while the flag is set, and nowhere else.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as CollectGarbage;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
