// What a browser fetches before a page stands: at most 260 kB in 24 files, and neither editor, graph nor charts.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildWeb } from '../../../scripts/web-build.ts';

/** Bytes over the wire, of scripts and styles. */
const limit = 260_000;
const maxFiles = 24;
const dist = join(import.meta.dirname, '../dist');

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly css?: readonly string[];
}

buildWeb();
const chunks = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>;

/** A chunk and all that it imports before it runs. */
function closure(name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const each of chunks[name]?.imports ?? []) closure(each, found);
  return found;
}

function filesOf(names: Iterable<string>): string[] {
  return [...new Set([...names].flatMap((name) => [chunks[name]!.file, ...(chunks[name]!.css ?? [])]))];
}

/** As they were compressed beside each file. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(join(dist, `${file}.br`)).size, 0);
}

function readAll(names: Iterable<string>): string {
  return [...names].map((name) => readFileSync(join(dist, chunks[name]!.file), 'utf8')).join('\n');
}

const entry = closure('index.html');
const pages = Object.keys(chunks).filter((name) => name.endsWith('-page.tsx'));

describe('the first load', () => {
  it('has pages to measure', () => assert.ok(pages.length > 3, pages.join(', ')));

  for (const page of pages) {
    const all = new Set([...entry, ...closure(page)]);
    const files = filesOf(all);
    const size = sizeOf(files);
    it(`of ${page}: ${(size / 1000).toFixed(0)} kB in ${files.length} files`, () => {
      assert.ok(size <= limit, `${size} bytes, ${limit} at most: fetch dialogs and editors lazily`);
      assert.ok(files.length <= maxFiles, `${files.length} files, ${maxFiles} at most`);
      const text = readAll(all);
      for (const mark of ['cm-editor', 'react-flow__', 'u-over'])
        assert.ok(!text.includes(mark), `it holds what has ${mark} in it: fetch that lazily`);
    });
  }

  it('runs no inline script', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/u);
    assert.doesNotMatch(html, /\son\w+=/u);
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//u);
  });
});
