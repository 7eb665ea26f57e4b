// Numbers, sizes and spans of time, and the faults of forms, as they are written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toErrors } from '../form/form-fault.ts';
import { formatBytes, formatDuration, formatRelative } from './format.ts';
import { layOut } from '../code/json-layout.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('a span of time', () => {
  const spans: readonly (readonly [number, RegExp])[] = [
    [0, /^0 ?ms$/u],
    [999, /^999 ?ms$/u],
    [1500, /^1\.5 ?sec/u],
    [59_999, /^1 ?min$/u],
    [61_000, /^1 ?min 1 ?sec/u],
    [hour, /^1 ?h/u],
    [hour - 400, /^1 ?h/u],
    [25 * hour, /^1 ?day 1 ?h/u],
  ];
  for (const [ms, text] of spans) it(`of ${ms} ms`, () => assert.match(formatDuration(ms), text));
});

describe('a time from now', () => {
  it('is told by its largest unit', () => {
    assert.equal(formatRelative(1000, 1000), 'now');
    assert.match(formatRelative(0, 3 * minute), /3 min.* ago/u);
    assert.match(formatRelative(2 * hour, 0), /in 2 hr/u);
  });
  it('is rounded to the nearest', () => {
    assert.equal(formatRelative(90 * 24 * hour - minute, 0), 'in 90 days');
    assert.equal(formatRelative(3 * 24 * hour - 1, 0), 'in 3 days');
    assert.match(formatRelative(hour - 1000, 0), /in 1 hr/u);
    assert.match(formatRelative(59 * minute, 0), /in 59 min/u);
    assert.match(formatRelative(0, 59_000), /59 sec.* ago/u);
    assert.match(formatRelative(0, 23 * hour), /23 hr.* ago/u);
  });
});

describe('a size', () => {
  it('has three digits at most', () => {
    assert.equal(formatBytes(47), '47 bytes');
    assert.equal(formatBytes(1_234_567), '1.23 MB');
    assert.equal(formatBytes(2e15), '2,000 TB');
  });
});

describe('the faults of a form', () => {
  it('stand at the fields as a form names them, the first of each, as sentences', () => {
    const faults = [
      { field: 'writeSettings[0].path', detail: 'must not be empty.' },
      { field: 'writeSettings[0].path', detail: 'is needed.' },
      { field: 'secretKey', detail: 'is too long.' },
    ];
    assert.deepEqual(toErrors(faults, { secretKey: 'secret' }), {
      'writeSettings.0.path': 'Must not be empty.',
      secret: 'Is too long.',
    });
  });
});

describe('a stored text', () => {
  it('is laid out where it is JSON that numbers can hold, and else left as it is', () => {
    assert.equal(layOut('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
    // Digits, escapes and names that come twice stay as they were sent.
    assert.equal(
      layOut(String.raw`{"a":1.50,"b":{},"a":[ ],"c":"\u00e9{,\"","n":12345678901234567890}`),
      String.raw`{
  "a": 1.50,
  "b": {},
  "a": [],
  "c": "\u00e9{,\"",
  "n": 12345678901234567890
}`,
    );
    for (const text of ['{"a":', 'plain', '"text"']) assert.equal(layOut(text), text);
  });
});
