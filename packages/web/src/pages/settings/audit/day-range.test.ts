// Days in the viewer's zone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beginOfDay } from './day-range.ts';

describe('the begin of a day', () => {
  it('is midnight where the viewer is, and the next day begins at the next midnight', () => {
    for (const day of ['2026-01-01', '2026-03-29', '2026-10-25', '2024-02-29']) {
      const [begin, next] = [new Date(beginOfDay(day)!), new Date(beginOfDay(day, 1)!)];
      assert.deepEqual([begin.getHours(), begin.getMinutes(), next.getHours()], [0, 0, 0], day);
      assert.ok(next.getTime() - begin.getTime() >= 23 * 3_600_000);
    }
  });

  it('is nothing for what is no day', () => {
    for (const text of [undefined, '', 'today', '2026-02-31', '2026-13-01', '20260101'])
      assert.equal(beginOfDay(text), undefined, text);
  });
});
