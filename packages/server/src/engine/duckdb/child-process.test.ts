// A child that was taken over says what it likes: the server reads no more than it asked for, and ends it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startChild } from './child-process.ts';
import type { Request } from './protocol.ts';
import { raiseWalls } from './wall/raise.ts';
import type { Walls } from './wall/wall.ts';

const ready = String.raw`'{"kind":"ready"}\n'`;
const refusal =
  '{"kind":"answer","answer":{"ok":false,"failure":{"reason":"busy","message":"no","hint":null}}}';
const rest = String.raw`say(${JSON.stringify(refusal)} + '\n')`;
const written = '{"kind":"answer","answer":{"ok":true,"written":{"files":"all of them"}}}';

/** What it does once it was asked. */
const attacks: Readonly<Record<string, string>> = {
  'endless bytes': `const b = Buffer.alloc(1 << 20, 65); for (;;) fs.writeSync(3, b);`,
  'endless messages': String.raw`for (;;) say('{"kind":"progress","progress":{"step":"wrangle","percent":1}}\n');`,
  'a command of Node': String.raw`say('{"cmd":"NODE_HANDLE","type":"net.Socket","msg":{}}\n')`,
  'an answer of another form': String.raw`say(${JSON.stringify(written)} + '\n')`,
  'no JSON': String.raw`say('[[[[\n')`,
  'progress beyond its end': String.raw`say('{"kind":"progress","progress":{"step":"wrangle","percent":1000}}\n')`,
};

const request = { kind: 'write', plan: {}, files: [] } as unknown as Request;
const maxGrowth = 200 * 1024 * 1024;

void describe('A child that was taken over', () => {
  let folder: string;
  let walls: Walls;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-child-'));
    walls = await raiseWalls({ mode: 'auto', dataDir: folder });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function start(attack: string) {
    const own = await mkdtemp(join(folder, 'own-'));
    const text = `const fs = require('node:fs'); const say = (text) => fs.writeSync(3, text);
      say(${ready}); fs.readSync(3, Buffer.alloc(1 << 16)); ${attack}; setInterval(() => undefined, 1000);`;
    const program = { file: process.execPath, args: ['-e', text] };
    const child = await startChild(walls, { folder: own, writes: [], inputs: [] }, program);
    await child.ready;
    return child;
  }

  for (const [name, attack] of Object.entries(attacks))
    void it(`is ended for ${name}`, { timeout: 60_000 }, async () => {
      const child = await start(attack);
      const before = process.memoryUsage.rss();
      const answer = await child.ask(request, () => undefined);
      assert.ok(!answer.ok && answer.failure.reason === 'crashed', JSON.stringify(answer));
      assert.match(answer.failure.message, /was ended, as it sent/u);
      await child.gone;
      const growth = process.memoryUsage.rss() - before;
      assert.ok(growth < maxGrowth, `${growth} bytes more`);
    });

  void it('is ended for a second answer', { timeout: 60_000 }, async () => {
    const child = await start(`${rest}; ${rest}`);
    const answer = await child.ask(request);
    assert.ok(!answer.ok && answer.failure.reason === 'busy');
    await child.gone;
  });

  void it('complains to nobody without an end', { timeout: 60_000 }, async () => {
    const child = await start(
      `const b = Buffer.alloc(1 << 20, 65); try { for (;;) fs.writeSync(2, b); } catch { ${rest}; }`,
    );
    const answer = await child.ask(request);
    assert.ok(!answer.ok && ['busy', 'crashed'].includes(answer.failure.reason));
    await child.kill();
  });
});
