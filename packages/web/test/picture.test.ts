// The main pages over a realistic world, drawn in light and dark: each is there, whole and without a fault.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { globSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pictures, pictureWindow, takePictures, type Taken } from './picture.ts';
import { describeInBrowser } from './rig.ts';
import { makeShowcase } from './showcase.ts';

/** What a page with a heading alone has is far less. */
const fewestColours = 60;
const maxBytes = 150_000;
const root = join(import.meta.dirname, '../../..');

const makeSharpShowcase = async () => ({ ...(await makeShowcase()), window: pictureWindow });

describeInBrowser('pictures', makeSharpShowcase, (rig) => {
  let folder: string;
  let taken: readonly Taken[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'flowhook-pictures-'));
    taken = await takePictures(await rig.tabOf(), rig.world.ids, folder);
  });
  after(() => rm(folder, { recursive: true }));

  for (const { name } of pictures) {
    it(`show ${name} in light and dark`, () => {
      const both = taken.filter((picture) => picture.name === name);
      assert.deepEqual(
        both.map(({ scheme }) => scheme),
        ['light', 'dark'],
      );
      for (const { scheme, bytes, colours, faults } of both) {
        assert.deepEqual(faults, [], `${name}, ${scheme}`);
        assert.ok(colours >= fewestColours, `${name}, ${scheme}, is empty: ${colours} colours`);
        assert.ok(bytes <= maxBytes, `${name}, ${scheme}, has ${bytes} bytes, ${maxBytes} at most`);
      }
    });
  }
});

describe('the pictures of the documentation', () => {
  it('are there, small, and each has words for who does not see it', () => {
    const documents = ['README.md', ...globSync('docs/*.md', { cwd: root })];
    const shown = documents.flatMap((document) => {
      const text = readFileSync(join(root, document), 'utf8');
      return [...text.matchAll(/<img[^>]*>|!\[[^\]]*\]\([^)]*\)/gu)].map(([tag]) => ({ document, tag }));
    });
    const stored = new Set(globSync('docs/images/*', { cwd: root }).map((path) => path.split('/').at(-1)!));
    const named = new Set<string>();
    for (const { document, tag } of shown) {
      const alt = /alt="([^"]*)"/u.exec(tag)?.[1] ?? /^!\[([^\]]*)\]/u.exec(tag)?.[1] ?? '';
      assert.ok(alt.length > 20, `${document}: ${tag} needs words that say what is seen`);
    }
    for (const document of documents) {
      const text = readFileSync(join(root, document), 'utf8');
      for (const [, name] of text.matchAll(/images\/([\w-]+\.webp)/gu)) named.add(name!);
    }
    assert.deepEqual(named, stored);
    for (const name of stored) assert.ok(statSync(join(root, 'docs/images', name)).size <= maxBytes, name);
  });
});
