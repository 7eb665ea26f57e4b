// When schedules are due: forms of expressions, and clock changes over real zones.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { countTimes, findTriggerFault, isTooFrequent, lastTime, nextTime, nextTimes } from './cron.ts';

const at = (text: string) => Date.parse(text);
const timesOf = (expression: string, timeZone: string, after: string, count: number) =>
  nextTimes([{ expression, timeZone }], at(after), count).map((time) =>
    new Date(time).toISOString().replace(':00.000Z', 'Z'),
  );

describe('a clock change', () => {
  // Each: expression, zone, looked at from, and the times that must come. The offsets are in the time's name.
  const table: [string, string, string, string, string[]][] = [
    // Berlin, 29 March 2026: 02:00 becomes 03:00 at 01:00Z. 25 October: 03:00 becomes 02:00 at 01:00Z.
    [
      'fires a skipped time at the shift',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'fires two skipped times once',
      '0,30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:00Z', '2026-03-30T00:30Z'],
    ],
    [
      'leaves the hour after the gap alone',
      '0 3 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T01:00Z'],
    ],
    [
      'fires a repeated time once',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'fires lists and ranges as fixed times',
      '30 2-3 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-25T02:30Z', '2026-10-26T01:30Z'],
    ],
    [
      'lets what repeats go by elapsed time where an hour is repeated',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-10-24T23:59Z',
      [
        '2026-10-25T00:00Z',
        '2026-10-25T00:30Z',
        '2026-10-25T01:00Z',
        '2026-10-25T01:30Z',
        '2026-10-25T02:00Z',
      ],
    ],
    [
      'lets what repeats go by elapsed time over a gap',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:20Z',
      ['2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T01:30Z'],
    ],
    // New York, 8 March 2026 at 07:00Z and 1 November at 06:00Z.
    [
      'fires a skipped time at the shift',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'fires a repeated time once',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00Z',
      ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    // The southern hemisphere: Sydney, 4 October 2026 at 16:00Z the day before, and 5 April at 16:00Z the day before.
    [
      'fires a skipped time at the shift',
      '30 2 * * *',
      'Australia/Sydney',
      '2026-10-03T00:00Z',
      ['2026-10-03T16:00Z', '2026-10-04T15:30Z'],
    ],
    [
      'fires a repeated time once',
      '30 2 * * *',
      'Australia/Sydney',
      '2026-04-04T00:00Z',
      ['2026-04-04T15:30Z', '2026-04-05T16:30Z'],
    ],
    // Lord Howe shifts by half an hour: 02:00 becomes 02:30 on 4 October, 02:00 becomes 01:30 on 5 April.
    [
      'of half an hour fires a skipped time at the shift',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T00:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      'of half an hour fires a repeated time once',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00Z',
      ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
    ],
    [
      'of half an hour leaves the times beside it alone',
      '15 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T00:00Z',
      ['2026-04-04T14:15Z', '2026-04-05T14:45Z'],
    ],
    // Santiago and Cairo skip midnight: the day begins at 01:00.
    [
      'at midnight fires at the shift',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00Z',
      ['2026-09-06T04:00Z', '2026-09-07T03:00Z'],
    ],
    [
      'at midnight fires a repeated time once',
      '30 23 * * *',
      'America/Santiago',
      '2026-04-04T12:00Z',
      ['2026-04-05T02:30Z', '2026-04-06T03:30Z'],
    ],
    [
      'at midnight keeps the day of the month',
      '30 0 24 4 *',
      'Africa/Cairo',
      '2026-04-01T00:00Z',
      ['2026-04-23T22:00Z', '2027-04-23T22:30Z'],
    ],
    // Kolkata and St John's lie half an hour beside the others; Kolkata knows no change.
    [
      'that a zone does not have changes nothing',
      '0 9 * * *',
      'Asia/Kolkata',
      '2026-03-28T12:00Z',
      ['2026-03-29T03:30Z', '2026-03-30T03:30Z'],
    ],
    [
      "fires a skipped time at St John's shift",
      '30 2 * * *',
      'America/St_Johns',
      '2026-03-07T12:00Z',
      ['2026-03-08T05:30Z', '2026-03-09T05:00Z'],
    ],
    [
      'fires with seconds as without',
      '30 30 2 ? * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z'],
    ],
  ];
  for (const [title, expression, zone, after, expected] of table)
    it(`${title}: ${expression} in ${zone}`, () => {
      assert.deepEqual(timesOf(expression, zone, after, expected.length), expected);
    });
});

describe('an expression', () => {
  const from = '2026-03-07T00:00Z';
  const table: [string, string[]][] = [
    ['0 12 * * 1', ['2026-03-09T12:00Z', '2026-03-16T12:00Z']],
    ['0 12 * * 7', ['2026-03-08T12:00Z', '2026-03-15T12:00Z']],
    ['0 12 * * 0', ['2026-03-08T12:00Z', '2026-03-15T12:00Z']],
    ['0 0 13 * 5', ['2026-03-13T00:00Z', '2026-03-20T00:00Z']],
    ['@daily', ['2026-03-08T00:00Z', '2026-03-09T00:00Z']],
    // Quartz: seconds first, Sunday is 1.
    ['0 0 12 ? * 1', ['2026-03-08T12:00Z', '2026-03-15T12:00Z']],
    ['0 0 12 ? * MON-FRI', ['2026-03-09T12:00Z', '2026-03-10T12:00Z']],
    ['0 0/15 8 * * ?', ['2026-03-07T08:00Z', '2026-03-07T08:15Z']],
    ['0 0 12 L * ?', ['2026-03-31T12:00Z', '2026-04-30T12:00Z']],
    ['0 0 12 LW 5 ?', ['2026-05-29T12:00Z', '2027-05-31T12:00Z']],
    ['0 0 12 15W * ?', ['2026-03-16T12:00Z', '2026-04-15T12:00Z']],
    ['0 0 12 ? * 6L', ['2026-03-27T12:00Z', '2026-04-24T12:00Z']],
    ['0 0 12 ? * 6#3', ['2026-03-20T12:00Z', '2026-04-17T12:00Z']],
    ['0 0 12 1 1 ? 2027-2028', ['2027-01-01T12:00Z', '2028-01-01T12:00Z']],
  ];
  for (const [expression, expected] of table)
    it(`is read: ${expression}`, () => assert.deepEqual(timesOf(expression, 'UTC', from, 2), expected));

  const faults: [string, string, RegExp][] = [
    ['* * * *', 'UTC', /has to have 5 fields/u],
    ['', 'UTC', /has to have 5 fields/u],
    ['2027-01-01T00:00:00', 'UTC', /has to have 5 fields/u],
    ['61 * * * *', 'UTC', /Invalid value for minute: 61\.$/u],
    ['* * * * bogus', 'UTC', /can't be read/u],
    ['0 0 30 2 *', 'UTC', /never comes/u],
    ['0 0 0 1 1 ? 2020', 'UTC', /never comes/u],
    ['0 0 12 1 * 2', 'UTC', /one of them has to be \?/u],
    ['0 12 * * *', 'Nowhere/Land', /is no time zone/u],
    ['0 12 * * *', '+02:00', /is no time zone/u],
    ['0 12 * * *', '', /is no time zone/u],
  ];
  for (const [expression, timeZone, detail] of faults)
    it(`is refused: ${expression || 'nothing'} in ${timeZone || 'nowhere'}`, () => {
      assert.match(findTriggerFault({ expression, timeZone }, at(from))?.detail ?? 'no fault', detail);
    });

  it('never breaks what reads it, whatever it is', () => {
    const piece = fc.constantFrom(
      '*',
      '?',
      'L',
      'W',
      '#',
      '/',
      '-',
      ',',
      '1',
      '31',
      '99',
      'MON',
      '1W',
      '*/0',
      'L-3',
    );
    const field = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join(''));
    const expression = fc.array(field, { minLength: 4, maxLength: 8 }).map((fields) => fields.join(' '));
    fc.assert(
      fc.property(fc.oneof(expression, fc.string()), (text) => {
        const trigger = { expression: text, timeZone: 'Europe/Berlin' };
        if (findTriggerFault(trigger, at(from)) !== null) return;
        assert.ok(nextTime([trigger], at(from))! > at(from));
      }),
      { numRuns: 300 },
    );
  });
});

describe('times', () => {
  const daily = { expression: '0 9 * * *', timeZone: 'UTC' };
  const hourly = { expression: '0 * * * *', timeZone: 'UTC' };

  it('of several triggers come in order, each once', () => {
    const times = nextTimes([daily, hourly], at('2026-03-07T07:30Z'), 3);
    assert.deepEqual(times, [at('2026-03-07T08:00Z'), at('2026-03-07T09:00Z'), at('2026-03-07T10:00Z')]);
    assert.equal(nextTime([daily, hourly], at('2026-03-07T08:00Z')), at('2026-03-07T09:00Z'));
  });

  it('are found backwards and counted', () => {
    assert.equal(lastTime([daily, hourly], at('2026-03-07T09:30Z')), at('2026-03-07T09:00Z'));
    assert.equal(lastTime([daily], at('2026-03-07T09:00Z')), at('2026-03-07T09:00Z'), 'the time itself too');
    assert.equal(lastTime([daily], at('2026-03-07T08:59:59.999Z')), at('2026-03-06T09:00Z'));
    assert.equal(countTimes([hourly], at('2026-03-07T08:00Z'), at('2026-03-07T12:00Z'), 100), 5);
    assert.equal(countTimes([hourly], at('2026-03-07T08:00Z'), at('2027-03-07T12:00Z'), 100), 100);
  });

  it('may not lie closer together than a minute', () => {
    const now = at('2026-03-07T08:00Z');
    assert.equal(isTooFrequent([{ expression: '* * * * *', timeZone: 'UTC' }], now), false);
    assert.equal(isTooFrequent([{ expression: '*/30 * * * * ?', timeZone: 'UTC' }], now), true);
    const apart = [0, 30].map((second) => ({ expression: `${second} * * * * ?`, timeZone: 'UTC' }));
    assert.equal(isTooFrequent(apart, now), true, 'two triggers together');
    assert.equal(isTooFrequent([hourly, daily], now), false, 'the same time twice is one time');
  });
});
