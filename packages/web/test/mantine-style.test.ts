// Mantine's styles are listed by component (router/base-style.css, parts/mantine.css): each that is drawn has its own.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildWeb } from '../../../scripts/web-build.ts';

const dist = join(import.meta.dirname, '../dist');
const whole = createRequire(import.meta.url).resolve('@mantine/core/styles.css');

buildWeb();
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8')) as Record<
  string,
  { readonly file: string; readonly imports?: readonly string[]; readonly css?: readonly string[] }
>;

/** Mantine's class names in a text. */
function classesIn(text: string): Set<string> {
  return new Set(text.match(/\bm_[0-9a-f]{6,8}\b/gu));
}

function readFiles(names: readonly string[]): string {
  return names.map((name) => readFileSync(join(dist, name), 'utf8')).join('\n');
}

const styled = classesIn(readFileSync(whole, 'utf8'));

/** Classes that scripts name and Mantine has rules for, but the styles have not. */
function findBare(scripts: readonly string[], styles: readonly string[]): string[] {
  const present = classesIn(readFiles(styles));
  return [...classesIn(readFiles(scripts))].filter((name) => styled.has(name) && !present.has(name));
}

describe("Mantine's styles", () => {
  it('are there for every component that is used', () => {
    assert.ok(styled.size > 400, `${styled.size} classes`);
    const bare = findBare(globSync('assets/*.js', { cwd: dist }), globSync('assets/*.css', { cwd: dist }));
    assert.deepEqual(bare, [], 'add the component to packages/web/src/parts/mantine.css');
  });

  it('come with the ways in for what these show', () => {
    const names = ['index.html', 'src/router/start.tsx'];
    const reached = names.flatMap((name) => [name, ...(manifest[name]!.imports ?? [])]);
    const chunks = reached.map((name) => manifest[name]!);
    const bare = findBare(
      chunks.map(({ file }) => file),
      chunks.flatMap(({ css = [] }) => css),
    );
    assert.deepEqual(bare, [], 'add the component to packages/web/src/router/base-style.css');
  });

  it('are there for no component that is not used', () => {
    const drawn = classesIn(readFiles(globSync('assets/*.js', { cwd: dist })));
    const lists = ['router/base-style.css', 'parts/mantine.css'].map((name) =>
      readFileSync(join(dist, '../src', name), 'utf8'),
    );
    const listed = [...lists.join('\n').matchAll(/@mantine\/core\/(styles\/\w+\.css)/gu)].map(
      ([, path]) => path!,
    );
    const unused = listed.filter((path) => {
      const own = classesIn(readFileSync(join(whole, '..', path), 'utf8'));
      return own.size > 0 && ![...own].some((name) => drawn.has(name));
    });
    assert.deepEqual(unused, []);
  });
});
