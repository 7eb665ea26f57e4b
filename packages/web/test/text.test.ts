// All words that people read are in src/text/: no component writes its own.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseSync } from 'vite';

const source = join(import.meta.dirname, '../src');
/** Attributes whose values are read or heard. */
const spoken =
  /^(?:label|title|placeholder|description|detail|alt|legend|error|message|name(?:Label)?|aria-(?:label|description|roledescription|valuetext)|\w+Label)$/u;
/** Attributes that are called so and are for programs. */
const forPrograms = /^(?:name)$/u;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

/** Each text in a component that is not of src/text/, with its line. */
export function findTexts(path: string, code: string): string[] {
  const found: string[] = [];
  const note = (node: Node, text: string) => {
    if (!/\p{L}{2,}/u.test(text)) return;
    found.push(`${path}:${code.slice(0, node.start).split('\n').length}: ${text.trim()}`);
  };
  walk(parseSync(path, code).program, (node) => {
    if (node.type === 'JSXText') note(node, String(node['value']));
    if (node.type === 'JSXElement' || node.type === 'JSXFragment') {
      for (const child of node['children'] as Node[]) noteLiteral(child, note);
    }
    if (node.type === 'JSXAttribute' && isSpoken(node['name'] as Node)) {
      noteLiteral(node['value'] as Node | null, note);
    }
  });
  return found;
}

function isSpoken({ name }: Node): boolean {
  return spoken.test(String(name)) && !forPrograms.test(String(name));
}

function noteLiteral(node: Node | null, note: (node: Node, text: string) => void): void {
  const inner = node?.type === 'JSXExpressionContainer' ? (node['expression'] as Node) : node;
  if (inner?.type === 'Literal' && typeof inner['value'] === 'string') note(inner, inner['value']);
  if (inner?.type !== 'TemplateLiteral') return;
  for (const part of inner['quasis'] as { value: { raw: string } }[]) note(inner, part.value.raw);
}

function walk(node: unknown, look: (node: Node) => void): void {
  if (Array.isArray(node)) for (const each of node) walk(each, look);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  if ('type' in node) look(node as Node);
  for (const value of Object.values(node)) walk(value, look);
}

describe('texts', () => {
  it('are in src/text/ alone', () => {
    const files = globSync('**/*.tsx', { cwd: source });
    assert.ok(files.length > 20);
    const found = files.flatMap((path) => findTexts(path, readFileSync(join(source, path), 'utf8')));
    assert.deepEqual(found, [], `put these into src/text/:\n${found.join('\n')}`);
  });

  it('are found wherever a component could write them', () => {
    const code = `const a = <p>One word</p>;
const b = <Button label="Two words" onClick={go} name="three" />;
const c = <Button aria-label={\`Four \${five}\`}>{'Six words'}</Button>;
const d = <a className="seven eight">{text.nine} · </a>;`;
    const lines = findTexts('a.tsx', code).map((line) => line.replace('a.tsx:', ''));
    assert.deepEqual(lines.sort(), ['1: One word', '2: Two words', '3: Four', '3: Six words']);
  });
});
