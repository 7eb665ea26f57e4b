// The rotation of a secret key: which keys a change leaves, which sign at a time, and that a receiver accepts either.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verify } from '@flowhook/signature';
import { compileTask } from './compiled-task.ts';
import { composeRequest, maskAnswer } from './composition.ts';
import { importNodeHmac } from './hmac.ts';
import { keysAt, overlapKeys, type KeyChange, type KeysOfTask } from './key-overlap.ts';

const now = 1_000_000;
const earlier = { key: 'first', until: now + 5000 };

describe('the earlier key after a change', () => {
  const stored: KeysOfTask = { secretKey: 'second', earlierKey: earlier };
  const rows: [
    what: string,
    stored: KeysOfTask,
    change: KeyChange,
    moved: boolean,
    KeysOfTask['earlierKey'],
  ][] = [
    ['stays where the key is left alone', stored, {}, false, earlier],
    ['stays where the same key is given', stored, { secretKey: 'second' }, false, earlier],
    [
      'stays where the same key is given with a time',
      stored,
      { secretKey: 'second', secretKeyOverlapSeconds: 9 },
      false,
      earlier,
    ],
    ['goes with a new key at once', stored, { secretKey: 'third' }, false, null],
    ['goes where the key is removed', stored, { secretKey: '' }, false, null],
    ['goes where the URL leads elsewhere', stored, {}, true, null],
    [
      'is the one of until now, for the time given',
      stored,
      { secretKey: 'third', secretKeyOverlapSeconds: 60 },
      false,
      { key: 'second', until: now + 60_000 },
    ],
  ];
  for (const [what, from, change, moved, expected] of rows) {
    it(what, () =>
      assert.deepEqual(overlapKeys(from, change, { now, moved }), { earlierKey: expected, faults: [] }),
    );
  }

  const refused: [what: string, stored: KeysOfTask, change: KeyChange, moved: boolean][] = [
    ['a time without a key', stored, { secretKeyOverlapSeconds: 60 }, false],
    ['a time with the removal of the key', stored, { secretKey: '', secretKeyOverlapSeconds: 60 }, false],
    [
      'a time where there was no key',
      { secretKey: null },
      { secretKey: 'x', secretKeyOverlapSeconds: 60 },
      false,
    ],
    ['a time with another target', stored, { secretKey: 'x', secretKeyOverlapSeconds: 60 }, true],
  ];
  for (const [what, from, change, moved] of refused) {
    it(`is refused: ${what}`, () => {
      const { earlierKey, faults } = overlapKeys(from, change, { now, moved });
      assert.equal(earlierKey, null);
      assert.deepEqual(
        faults.map(({ field }) => field),
        ['secretKeyOverlapSeconds'],
      );
    });
  }
});

describe('the keys that sign', () => {
  it('are both until the time, and then the new one alone', () => {
    const keys = { key: 'new', earlier: { key: 'old', until: now } };
    assert.deepEqual(keysAt(keys, now - 1), ['new', 'old']);
    assert.deepEqual(keysAt(keys, now), ['new']);
    assert.deepEqual(keysAt({ key: 'new', earlier: null }, now), ['new']);
    assert.deepEqual(keysAt({ key: null, earlier: { key: 'old', until: now + 1 } }, now), []);
  });

  it('are accepted by receivers that have either key, as long as both sign; neither is seen in what is stored', async () => {
    const compiled = await compileTask(
      {
        url: 'https://example.com/',
        method: 'post',
        headers: {},
        secretHeaders: [],
        body: '{}',
        secretKey: 'the new key',
        earlierKey: { key: 'the old key', until: now },
        secrets: {},
        sslVerification: true,
        urlSecret: false,
      },
      { version: '0', importHmac: importNodeHmac },
    );
    assert.ok(compiled.ok);
    const accepts = async (time: number, key: string) => {
      const delivery = {
        publicId: 'dlv_x',
        body: '{}',
        facts: null,
        eventKind: 'job.success',
        attempt: 1,
        hop: 1,
        time,
      } as const;
      const { request, masked } = await composeRequest(compiled.task, delivery);
      assert.doesNotMatch(JSON.stringify(masked), /the (?:new|old) key/u);
      // Masked by their places in what is sent, they are found wherever they stand in what comes back.
      const echo = maskAnswer('X-Echo: the new key and the old key', compiled.task);
      assert.doesNotMatch(echo, /the (?:new|old) key/u);
      return (await verify(key, request, { now: time })).ok;
    };
    assert.deepEqual(
      await Promise.all([
        accepts(now - 1, 'the new key'),
        accepts(now - 1, 'the old key'),
        accepts(now - 1, 'another'),
      ]),
      [true, true, false],
    );
    assert.deepEqual(await Promise.all([accepts(now, 'the new key'), accepts(now, 'the old key')]), [
      true,
      false,
    ]);
  });
});
