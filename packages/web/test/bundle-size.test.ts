// What a browser fetches before a page stands, in bytes over the wire and in files: limits that hold for every page.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildWeb } from '../../../scripts/web-build.ts';

interface Limit {
  readonly bytes: number;
  readonly files: number;
}

/** What is fetched where nobody is signed in, whatever the address. */
const entryLimit: Limit = { bytes: 120_000, files: 10 };
/** What is fetched before a page is painted: neither editor, graph nor charts. */
const pageLimit: Limit = { bytes: 250_000, files: 36 };
/** A flow with its graph and an editor, which come after the first paint. */
const flowLimit: Limit = { bytes: 430_000, files: 30 };
const dist = join(import.meta.dirname, '../dist');

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

buildWeb();
const chunks = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

/** Chunks and all that they import before they run. */
function closure(...names: string[]): Set<string> {
  const found = new Set<string>();
  const add = (name: string) => {
    if (found.has(name)) return;
    const chunk = chunks[name];
    assert.ok(chunk, `there is no chunk ${name}`);
    found.add(name);
    chunk.imports?.forEach(add);
  };
  names.forEach(add);
  return found;
}

/** Scripts and styles, with the one that chooses the colours. */
function filesOf(names: Iterable<string>): string[] {
  const built = [...names].flatMap((name) => [chunks[name]!.file, ...(chunks[name]!.css ?? [])]);
  return [...new Set(['color-scheme.js', ...built])];
}

/** As they were compressed beside each file. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(join(dist, `${file}.br`)).size, 0);
}

function readAll(names: Iterable<string>): string {
  return [...names].map((name) => readFileSync(join(dist, chunks[name]!.file), 'utf8')).join('\n');
}

function itFits(what: string, names: ReadonlySet<string>, limit: Limit, way: string): void {
  const files = filesOf(names);
  const size = sizeOf(files);
  it(`of ${what}: ${(size / 1000).toFixed(0)} kB in ${files.length} files`, () => {
    assert.ok(size <= limit.bytes, `${size} bytes, ${limit.bytes} at most: ${way}`);
    assert.ok(files.length <= limit.files, `${files.length} files, ${limit.files} at most: ${way}`);
  });
}

const entry = ['index.html', 'src/router/start.tsx'];
const app = [...entry, 'src/router/app.tsx'];
const pages = Object.keys(chunks).filter((name) => name.endsWith('-page.tsx'));

describe('the first load', () => {
  it('has pages to measure', () => assert.ok(pages.length > 20, pages.join(', ')));

  const way = 'what the ways in do not show belongs into the app (router/app.tsx)';
  itFits('the ways in', closure(...entry), entryLimit, way);
  for (const page of pages) {
    const all = closure(...app, page);
    itFits(page, all, pageLimit, 'fetch dialogs and editors lazily');
    it(`of ${page} holds nothing that comes later`, () => {
      const text = readAll(all);
      for (const mark of ['cm-editor', 'react-flow__', 'u-over'])
        assert.ok(!text.includes(mark), `it holds what has ${mark} in it: fetch that lazily`);
    });
  }
  const flow = [
    'pages/flow/flow-page.tsx',
    'parts/graph/flow-graph.tsx',
    'parts/code/code-editor-canvas.tsx',
  ].map((name) => `src/${name}`);
  itFits('a flow, its graph and an editor', closure(...app, ...flow), flowLimit, 'look at what they import');

  it('runs no inline script', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/u);
    assert.doesNotMatch(html, /\son\w+=/u);
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//u);
  });

  it('is asked for by the page itself, not only by its first script', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    for (const file of filesOf(closure(...entry))) assert.ok(html.includes(`"./${file}"`), file);
  });
});
