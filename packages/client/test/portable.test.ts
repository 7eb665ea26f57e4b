// The client is for browsers and for Node 20: it compiles without Node's types, and runs as compiled on an older Node.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { answerJson, startScripted } from './scripted-server.ts';

const root = join(import.meta.dirname, '../../..');

/** As build does, but with a browser's globals alone. */
function compile(folder: string): void {
  const compilerOptions = {
    noEmit: false,
    customConditions: [],
    rootDir: './src',
    outDir: './dist',
    declaration: true,
  };
  const config = {
    extends: join(root, 'packages/client/tsconfig.portable.json'),
    compilerOptions,
    include: ['src'],
    exclude: ['src/**/*.test.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const { status, stdout, stderr } = spawnSync('tsc', ['-p', folder], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

/** The lowest Node from 20 on that this machine has; our own where there is no other. */
function findOldNode(): { path: string; version: string } {
  const found = ['/usr/bin/node', '/usr/local/bin/node', process.execPath].flatMap((path) => {
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
    return status === 0 ? [{ path, version: stdout.trim(), major: Number(/\d+/u.exec(stdout)?.[0]) }] : [];
  });
  return found.filter(({ major }) => major >= 20).toSorted((one, other) => one.major - other.major)[0]!;
}

describe('the package', () => {
  const node = findOldNode();
  const home = mkdtempSync(join(tmpdir(), 'flowhook-client-'));
  const place = (name: string) => join(home, 'node_modules/@flowhook', name);
  before(() => {
    for (const name of ['contract', 'client']) {
      mkdirSync(place(name), { recursive: true });
      for (const part of ['package.json', 'src'])
        cpSync(join(root, 'packages', name, part), join(place(name), part), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules/zod'), join(home, 'node_modules/zod'));
  });
  after(() => rmSync(home, { recursive: true }));

  it('imports nothing of Node, and nothing but the contract', () => {
    for (const path of globSync('src/**/*.ts', { cwd: place('client') })) {
      if (path.endsWith('.test.ts')) continue;
      const text = readFileSync(join(place('client'), path), 'utf8');
      const imported = [...text.matchAll(/\bfrom '([^']+)'/gu)].map(([, name = '']) => name);
      const foreign = imported.filter((name) => !/^(?:\.{1,2}\/|@flowhook\/contract\/|zod$)/u.test(name));
      assert.deepEqual(foreign, [], path);
      assert.doesNotMatch(text.replaceAll(/\/\/.*/gu, ''), /\b(?:Buffer|process)\s*\.|\brequire\(/u, path);
    }
  });

  it('compiles without the types of Node', { timeout: 120_000 }, () => {
    compile(place('contract'));
    compile(place('client'));
  });

  it(`runs on Node ${node.version} as it is published`, { timeout: 60_000 }, async () => {
    const script = `
      import { createClient } from '@flowhook/client';
      const client = createClient({ server: process.argv[2], credentials: { token: 't' } });
      const { data } = await client.flow.list({ query: { limit: 1 } });
      const refused = await client.flow.get({ params: { id: 2 } }).catch(({ name, status }) => ({ name, status }));
      const rows = [];
      for await (const row of client.jobGroup.list.each({ query: { limit: 1 } })) rows.push(row.id);
      const events = [];
      for await (const { type } of client.follow()) if (events.push(type) === 2) break;
      const stream = new Blob(['a,b']).stream();
      const sent = await client.importedDataset.upload({ body: { name: 'x', file: { name: 'x.csv', stream } } });
      console.log(JSON.stringify({ data, refused, rows, events, sent, version: process.version }));`;
    writeFileSync(join(home, 'run.mjs'), script);
    const server = await startScripted((response, { url, body }) => {
      if (url === '/v4/flows?limit=1') answerJson(response, 200, { data: [{ id: 1 }] });
      else if (url === '/v4/jobGroups?limit=1') answerJson(response, 200, { data: [{ id: 9 }] });
      else if (url === '/v4/jobGroups?limit=1&after=9') answerJson(response, 200, { data: [] });
      else if (url === '/v4/importedDatasets/upload')
        answerJson(response, 201, { id: 3, whole: /name="file"; filename="x.csv"[^]*a,b/u.test(body) });
      else if (url === '/v4/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('id: 1\nevent: change\ndata: {}\n\n');
      } else response.writeHead(404).end('none');
    });
    try {
      // Without the settings of this process: only what is published may be found.
      const env = { PATH: process.env['PATH'] };
      const { stdout } = await promisify(execFile)(node.path, ['run.mjs', server.url], { cwd: home, env });
      const refused = { name: 'Problem', status: 404 };
      const made = { rows: [9], events: ['reset', 'change'], sent: { id: 3, whole: true } };
      assert.deepEqual(JSON.parse(stdout), { data: [{ id: 1 }], refused, ...made, version: node.version });
    } finally {
      await server.stop();
    }
  });
});
