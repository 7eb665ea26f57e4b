// Runs every example program on the package's vectors, and holds the documentation to the same code.

import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { importKey, sign } from '@flowhook/signature';
import { callProgram, isInstalled, type Language, LANGUAGES } from './language.ts';
import { receive } from './package/receive.ts';

interface VectorCase {
  name: string;
  secret: string;
  method: string;
  url: string;
  bodyBase64: string;
  headers: Record<string, string>;
  now: number;
  expect: { webhook: string };
}

const read = async (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
const vectorText = await read('../../packages/signature/vectors.json');
const { cases } = JSON.parse(vectorText) as { cases: VectorCase[] };
const folder = await mkdtemp(join(tmpdir(), 'flowhook-verify-'));
after(async () => rm(folder, { recursive: true, force: true }));

const found = await Promise.all(LANGUAGES.map(isInstalled));
const installed = LANGUAGES.filter((_, at) => found[at]);
const missing = LANGUAGES.filter((_, at) => !found[at]);

/** Writes the request into files; answers the program's arguments and its environment. */
async function stageRequest(vector: VectorCase, at: number) {
  const [headersFile, bodyFile] = [join(folder, `headers-${at}`), join(folder, `body-${at}`)];
  const lines = Object.entries(vector.headers).map(([name, value]) => `${name}: ${value}\n`);
  await writeFile(headersFile, `${lines.join('')}\n`);
  await writeFile(bodyFile, Buffer.from(vector.bodyBase64, 'base64'));
  return {
    args: [vector.method.toUpperCase(), vector.url, headersFile, bodyFile],
    environment: { WEBHOOK_SECRET: vector.secret, WEBHOOK_NOW: String(vector.now) },
  };
}
const requests = await Promise.all(cases.map(stageRequest));

function testLanguage(language: Language): void {
  describe(language.name, { concurrency: 2 }, () => {
    let program: string[];
    before(async () => {
      program = await language.build(folder);
    });

    for (const [at, vector] of cases.entries()) {
      it(vector.name, async () => {
        const { args, environment } = requests[at] ?? assert.fail();
        const { answer, exitCode, complaint } = await callProgram(program, args, environment);
        assert.equal(answer, vector.expect.webhook, complaint);
        assert.equal(exitCode, answer === 'ok' ? 0 : 1, complaint);
      });
    }

    it('tells a repeat by its delivery id', async () => {
      const seen = join(folder, `seen-${language.name}`);
      const { args, environment } = requests[0] ?? assert.fail();
      const first = await callProgram(program, [...args, seen], environment);
      assert.ok(first.exitCode > 0 && first.answer !== 'repeat', 'a folder that is missing is no repeat');
      await mkdir(seen);
      for (const answer of ['ok', 'repeat', 'repeat']) {
        const told = await callProgram(program, [...args, seen], environment);
        assert.deepEqual([told.answer, told.exitCode], [answer, 0], told.complaint);
      }
      const other = join(folder, `headers-${language.name}`);
      const [method = '', url = '', headersFile = '', bodyFile = ''] = args;
      await writeFile(other, (await readFile(headersFile, 'utf8')).replaceAll('dlv_', 'dlw_'));
      const told = await callProgram(program, [method, url, other, bodyFile, seen], environment);
      assert.equal(told.answer, 'ok', told.complaint);
    });
  });
}

for (const language of installed) testLanguage(language);

it('the languages that had to run did', (context) => {
  const names = (languages: readonly Language[]) => languages.map(({ name }) => name).join(', ') || 'none';
  const summary = `VERIFIED IN: ${names(installed)}. NOT INSTALLED, NOT RUN: ${names(missing)}.`;
  context.diagnostic(summary);
  console.log(summary);
  if (process.env['FLOWHOOK_REQUIRE_LANGUAGES'] !== '1') return;
  const lacking = missing.filter(({ required }) => required);
  assert.equal(lacking.length, 0, `FLOWHOOK_REQUIRE_LANGUAGES=1, but ${names(lacking)} can't be run`);
});

describe('the package', () => {
  const origin = 'https://receiver.example.com';

  async function send(method: string, change: { secret?: string; target?: string } = {}): Promise<Response> {
    const body = method === 'POST' ? '{"text":"Job 42"}' : null;
    const url = `${origin}/hooks/1?job=42`;
    const key = await importKey(change.secret ?? 'mySecret');
    const signed = await sign(key, { method, url, body }, { deliveryId: 'dlv_1', time: Date.now() });
    const inner = change.target ?? 'http://127.0.0.1:8080/hooks/1?job=42';
    return receive('mySecret', origin, new Request(inner, { method, body, headers: { ...signed } }));
  }

  it('takes what was signed, behind a proxy too', async () => {
    for (const method of ['POST', 'GET', 'DELETE']) assert.equal((await send(method)).status, 204);
  });

  it('refuses another secret and another URL', async () => {
    const other = await send('POST', { secret: 'notMySecret' });
    assert.deepEqual([other.status, await other.text()], [401, 'mismatch']);
    const moved = await send('GET', { target: 'http://127.0.0.1:8080/hooks/1?job=43' });
    assert.deepEqual([moved.status, await moved.text()], [401, 'mismatch']);
  });
});

/** The code blocks of a page that name their file: `<!-- examples/verify/... -->` on the line before. */
function readBlocks(page: string): Map<string, string> {
  const blocks = page.matchAll(/^<!-- examples\/verify\/(\S+) -->\n```\w+\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path = '', code = '']) => [path, code]));
}

describe('documentation', () => {
  it('shows exactly the code that was run', async () => {
    const blocks = readBlocks(await read('../../docs/verifying-signatures.md'));
    const shown = [...LANGUAGES.map(({ source }) => source), 'package/receive.ts'];
    assert.deepEqual([...blocks.keys()].sort(), shown.sort());
    for (const [path, code] of blocks) assert.equal(code, await read(path), path);
  });

  it('shows the same in the README of the package', async () => {
    const blocks = readBlocks(await read('../../packages/signature/README.md'));
    assert.deepEqual([...blocks.keys()], ['package/receive.ts']);
    for (const [path, code] of blocks) assert.equal(code, await read(path), path);
  });
});
