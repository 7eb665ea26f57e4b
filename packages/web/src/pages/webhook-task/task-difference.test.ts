// Two people change one webhook task: whatever the field, what the other changed is told by what people call it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeChanges } from '../../parts/form/conflict.ts';
import { viewTask } from './task-difference.ts';
import { blankValues, makeRow, type TaskValues } from './task-values.ts';

/** Chosen once for all, or of one saving alone. */
const alone: readonly string[] = ['kind', 'overlap', 'lost'];
const fields = Object.keys(blankValues).filter((field) => !alone.includes(field)) as (keyof TaskValues)[];

function changeOf(field: keyof TaskValues): unknown {
  const before = blankValues[field];
  if (field === 'headers' || field === 'secrets') return [makeRow({ name: 'X-Key' })];
  if (field === 'condition') return { ...blankValues.condition, kind: 'rowsOutside', min: '1' };
  if (Array.isArray(before)) return ['7'];
  return typeof before === 'boolean' ? !before : `${before as string}7`;
}

describe('the fields of a webhook task that two people changed', () => {
  for (const field of fields)
    it(`names ${field}`, () => {
      const theirs = { ...blankValues, [field]: changeOf(field) };
      const { taken } = mergeChanges({ base: blankValues, theirs, mine: blankValues }, viewTask([]));
      assert.equal(taken.length, 1, 'it is taken over and told to nobody');
      const base = { ...blankValues, [field]: null };
      const { conflicts } = mergeChanges({ base, theirs, mine: blankValues }, viewTask([]));
      assert.deepEqual(
        conflicts.map(({ label }) => label),
        taken,
      );
    });
});
