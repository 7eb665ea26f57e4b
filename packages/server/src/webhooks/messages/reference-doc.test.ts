// The table of references in docs/webhook-tasks.md says what the code does: every reference, every condition, every kind of event.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { webhookCondition } from '@flowhook/contract/webhook/webhook-condition';
import { recordedKindNames } from '@flowhook/contract/webhook/event-kind';
import { allReferences } from './reference.ts';

const page = await readFile(new URL('../../../../../docs/webhook-tasks.md', import.meta.url), 'utf8');

test('the page has a row for each reference, as its own table says it', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `$'));
  const expected = allReferences.map(
    ({ name, kind, description }) => `| \`$${name}\` | ${kind} | ${description} |`,
  );
  assert.deepEqual(rows, expected);
});

test('the page names each kind of event, and each condition in a form that the API takes', () => {
  for (const kind of [...recordedKindNames, 'test'])
    assert.ok(page.includes(`\`${kind}\``) || kind === 'flowRun.canceled', kind);
  const examples = [...page.matchAll(/\| `(\{"kind": .*?\})` \|/gu)].map(
    ([, json]) => JSON.parse(json!) as object,
  );
  for (const example of examples) webhookCondition.parse(example);
  const kinds = webhookCondition.options.map((option) => option.shape.kind.value);
  assert.deepEqual(
    examples.map((example) => (example as { kind: string }).kind),
    kinds,
  );
});
