// A process that owns an engine and starts a run, for tests that kill it: prints the handle, then waits for the end.
import { readFileSync } from 'node:fs';
import type { Engine, WritePlan } from '../src/engine/engine.ts';

const [module = '', factory = '', folder = '', planFile = ''] = process.argv.slice(2);
const { makers } = (await import(module)) as { makers: Record<string, (folder: string) => Engine> };
const engine = makers[factory]?.(folder);
if (engine === undefined) throw new Error(`no ${factory} in ${module}`);
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as WritePlan;
const say = (word: string, value: unknown): void =>
  void process.stdout.write(`${word} ${JSON.stringify(value)}\n`);

const pids = (): number[] => ('pids' in engine && typeof engine.pids === 'function' ? engine.pids() : []);
const result = await engine.write(plan, {
  onHandle: (handle) => say('handle', handle),
  onProgress: (progress) => say('progress', { ...progress, pids: pids() }),
});
say('result', result);
