// Proves the rules of a task: each fault is found at its field, and no change draws a stored secret out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialFields } from '@flowhook/contract/webhook/task-field';
import * as fc from 'fast-check';
import { changeTask, maskUrl, type TaskChange } from './task-change.ts';
import { checkTask, findLimitFault, type TaskDefinition } from './task-rule.ts';
import { warnTask } from './task-warning.ts';
import { readReceiver } from '../messages/url-template.ts';

const AROUND = { recipeIds: new Set([12, 13]) };
const TASK: TaskDefinition = {
  ...initialFields,
  name: 'Tell the team',
  url: 'https://hooks.example.com/services/x',
  method: 'post',
  headers: { Authorization: 'Bearer stored-token', 'X-Mine': 'stored-mine', 'X-Plain': 'seen' },
  secretHeaders: ['X-Mine'],
  body: '{"id": $jobId, "k": "$secret.key"}',
  secretKey: 'stored-key',
  secrets: { key: 'stored-secret' },
  triggerEvent: 'onJobSuccess',
  triggerObject: 'any',
  recipeIds: [],
};

function fieldsOf(change: Partial<TaskDefinition>, around = AROUND): string[] {
  return checkTask({ ...TASK, ...change }, around).map((fault) => fault.field);
}

test('a good task has no fault', () => {
  assert.deepEqual(fieldsOf({}), []);
  assert.deepEqual(fieldsOf({ triggerObject: 'some', recipeIds: [12, 13] }), []);
  assert.deepEqual(fieldsOf({ method: 'get', body: '' }), []);
  assert.deepEqual(fieldsOf({ secretKey: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }), []);
  assert.deepEqual(fieldsOf({ enabled: false, headers: { Authorization: null } }), []);
});

test('each fault is named at its field', () => {
  assert.deepEqual(fieldsOf({ name: ' ' }), ['name']);
  assert.deepEqual(fieldsOf({ url: 'https://$flowName/' }), ['url']);
  assert.deepEqual(fieldsOf({ url: `https://h/${'x'.repeat(9000)}` }), ['url']);
  for (const method of ['get', 'delete'] as const) assert.deepEqual(fieldsOf({ method }), ['body']);
  assert.deepEqual(fieldsOf({ body: 'é'.repeat(600_000) }), ['body']);
  assert.deepEqual(fieldsOf({ body: 'a\0' }), ['body']);
  assert.deepEqual(fieldsOf({ headers: { Host: 'x', 'X-A': '☃' } }), ['headers.Host', 'headers.X-A']);
  assert.deepEqual(fieldsOf({ headers: { Authorization: null } }), ['headers.Authorization']);
  assert.deepEqual(fieldsOf({ secretKey: 'whsec_?' }), ['secretKey']);
  assert.deepEqual(fieldsOf({ secrets: { 'a-b': 'x', empty: '' } }), ['secrets.empty', 'secrets.a-b']);
  assert.deepEqual(fieldsOf({ triggerObject: 'some' }), ['recipeIds']);
  assert.deepEqual(fieldsOf({ triggerObject: 'some', recipeIds: [12, 99] }), ['recipeIds']);
  assert.deepEqual(fieldsOf({ name: '', method: 'get', secretKey: 'whsec_?' }), [
    'name',
    'body',
    'secretKey',
  ]);
});

const applyChange = (stored: TaskDefinition, wanted: TaskChange) => changeTask(stored, wanted, 1_000_000);

test('a change keeps what it leaves out, and null keeps a stored value', () => {
  assert.deepEqual(applyChange(TASK, {}), { task: { ...TASK, earlierKey: null }, faults: [] });
  const { task, faults } = applyChange(TASK, {
    name: 'New',
    headers: { authorization: null, 'X-New': 'n' },
    secretKey: null,
    secrets: { key: null, more: 'm' },
  });
  assert.deepEqual(faults, []);
  assert.equal(task.name, 'New');
  assert.deepEqual(task.headers, { authorization: 'Bearer stored-token', 'X-New': 'n' });
  assert.deepEqual(task.secrets, { key: 'stored-secret', more: 'm' });
  assert.equal(task.secretKey, 'stored-key');
  assert.equal(applyChange(TASK, { secretKey: '' }).task.secretKey, null);
});

test('null where nothing is stored is a fault', () => {
  const { faults } = applyChange(TASK, {
    headers: { 'X-New': null },
    secrets: { other: null, constructor: null },
  });
  assert.deepEqual(
    faults.map(({ field }) => field),
    ['headers.X-New', 'secrets.other', 'secrets.constructor'],
  );
});

test('a new target needs every stored secret again', () => {
  const all = ['headers.Authorization', 'headers.X-Mine', 'secretKey', 'secrets.key'];
  for (const url of [
    'https://evil.example/',
    'http://hooks.example.com/',
    'https://hooks.example.com:8443/',
  ]) {
    assert.deepEqual(
      applyChange(TASK, { url }).faults.map(({ field }) => field),
      all,
      url,
    );
  }
  const typed = { headers: { Authorization: 'a', 'X-Mine': 'b' }, secretKey: 'c', secrets: { key: 'd' } };
  assert.deepEqual(applyChange(TASK, { url: 'https://new.example/', ...typed }).faults, []);
  const removed = { headers: {}, secretKey: '', secrets: {} };
  assert.deepEqual(applyChange(TASK, { url: 'https://new.example/', ...removed }).faults, []);
  assert.deepEqual(
    applyChange(TASK, { url: 'https://HOOKS.example.com:443/other?x=1', ...removed }).faults,
    [],
  );
});

test('a secret stays with its receiver: the last part of the path and the values of the query may change', () => {
  const stored = { ...TASK, url: 'https://hooks.example.com/in/a/$jobId?k=1&n=$flowName' };
  const asked = (change: TaskChange) => applyChange(stored, change).faults.length > 0;
  for (const url of [
    'https://hooks.example.com/in/a/other?k=1&n=$flowName',
    'https://hooks.example.com/in/a/$jobId?k=2&n=$recipeName',
    'https://hooks.example.com/in/b/../a/x?k=1&n=2',
    'https://hooks.example.com/in/a/?k=&n=',
  ])
    assert.equal(asked({ url }), false, url);
  for (const url of [
    'https://hooks.example.com/in/b/$jobId?k=1&n=$flowName',
    'https://hooks.example.com/in/a/b/$jobId?k=1&n=$flowName',
    'https://hooks.example.com/in/$jobId?k=1&n=$flowName',
    'https://hooks.example.com/in/a/$jobId?k=1',
    'https://hooks.example.com/in/a/$jobId?k=1&n=2&next=x',
    'https://hooks.example.com/in/a/..%2f..%2fout?k=1&n=2',
    'https://hooks.example.com/in/a/../x?k=1&n=2',
  ])
    assert.equal(asked({ url }), true, url);
  assert.equal(asked({ sslVerification: false }), true);
  assert.equal(
    applyChange({ ...stored, sslVerification: false }, { sslVerification: true }).faults.length,
    0,
  );
  assert.equal(
    applyChange({ ...stored, sslVerification: false }, { sslVerification: false }).faults.length,
    0,
  );
});

test('taking a header off the secret list clears its value, given or not', () => {
  assert.equal(applyChange(TASK, { secretHeaders: [] }).task.headers['X-Mine'], '');
  const kept = applyChange(TASK, { secretHeaders: [], headers: { 'X-Mine': null, Authorization: null } });
  assert.deepEqual(kept.task.headers, { 'X-Mine': '', Authorization: 'Bearer stored-token' });
  assert.equal(
    applyChange(TASK, { secretHeaders: [], headers: { 'X-Mine': 'n' } }).task.headers['X-Mine'],
    'n',
  );
});

test('a secret URL is kept when its masked form comes back, and can only be uncovered by another', () => {
  const stored = { ...TASK, urlSecret: true };
  assert.equal(maskUrl(stored), 'https://hooks.example.com/****');
  const same = applyChange(stored, { url: maskUrl(stored), name: 'New' });
  assert.deepEqual([same.task.url, same.faults], [stored.url, []]);
  assert.deepEqual(
    applyChange(stored, { urlSecret: false }).faults.map(({ field }) => field),
    ['url'],
  );
  assert.deepEqual(
    applyChange(stored, {
      urlSecret: false,
      url: 'https://hooks.example.com/new',
      headers: {},
      secretKey: '',
      secrets: {},
    }).faults,
    [],
  );
});

const value = fc.constantFrom(null, 'typed');
const anyChange: fc.Arbitrary<TaskChange> = fc.record(
  {
    url: fc.constantFrom(
      TASK.url,
      'https://hooks.example.com/y',
      'https://hooks.example.com/in/y',
      'https://hooks.example.com/..%2fy',
      'https://evil.example/',
      'http://hooks.example.com/',
    ),
    headers: fc.dictionary(
      fc.constantFrom('Authorization', 'authorization', 'X-Mine', 'x-mine', 'X-Plain', 'X-New'),
      value,
    ),
    secretHeaders: fc.subarray(['X-Mine', 'x-mine', 'X-Plain', 'X-New']),
    secretKey: fc.constantFrom(null, '', 'typed'),
    secretKeyOverlapSeconds: fc.constantFrom(0, 60),
    secrets: fc.dictionary(fc.constantFrom('key', 'other'), value),
    urlSecret: fc.boolean(),
    sslVerification: fc.boolean(),
  },
  { requiredKeys: [] },
);

test('over any changes that pass, a stored secret stays hidden and goes to its own target only', () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 5 }), (changes) => {
      let task = TASK;
      for (const change of changes) {
        const changed = applyChange(task, change);
        if (changed.faults.length > 0) continue;
        task = changed.task;
        const keys = [task.secretKey, task.earlierKey?.key ?? null];
        const secrets = [...Object.values(task.headers), ...keys, ...Object.values(task.secrets)];
        const holds = secrets.some((each) => each !== null && /^(?:Bearer )?stored/u.test(each));
        if (holds) {
          assert.equal(readReceiver(task.url), readReceiver(TASK.url));
          assert.ok(task.sslVerification);
        }
        const hidden = new Set(['authorization', ...task.secretHeaders.map((name) => name.toLowerCase())]);
        for (const [name, value] of Object.entries(task.headers)) {
          if (value?.includes('stored')) assert.ok(hidden.has(name.toLowerCase()), name);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

function warningsOf(change: Partial<TaskDefinition>): string[] {
  return warnTask({ ...TASK, ...change }).map(({ field, code }) => `${field} ${code}`);
}

test('what looks wrong is told at its field, with the way out', () => {
  assert.deepEqual(warningsOf({}), []);
  assert.deepEqual(warningsOf({ url: 'https://h/$jobid#$x' }), ['url unknown_reference', 'url fragment']);
  assert.deepEqual(warningsOf({ headers: { 'X-A': '$flowname' } }), ['headers.X-A unknown_reference']);
  assert.deepEqual(warningsOf({ secrets: {} }), ['body unknown_secret']);
  assert.deepEqual(warningsOf({ secrets: { key: 'abc', more: 'long enough' } }), [
    'secrets.key short_secret',
    'secrets.more unused_secret',
  ]);
  const json = { headers: { 'content-type': 'application/vnd.api+json; charset=utf-8' }, secrets: {} };
  assert.deepEqual(warningsOf({ ...json, body: 'Job $jobId' }), ['body body_not_json']);
  assert.deepEqual(warningsOf({ ...json, body: ' 12 ' }), []);
  assert.deepEqual(warningsOf({ body: '{"a": $jobId', headers: {}, secrets: {} }), ['body body_not_json']);
  const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, secrets: {} };
  assert.deepEqual(warningsOf({ ...form, body: 'id=$jobId' }), ['body form_body']);
  const [warning] = warnTask({ ...TASK, url: 'https://h/$jobid' });
  assert.equal(
    warning?.detail,
    'In url, $jobid is no reference and is sent as it stands. Did you mean $jobId?',
  );
});

test('lets a flow have as many tasks as its limit, and then names the limit and who may raise it', () => {
  assert.equal(findLimitFault(49, 50), null);
  assert.match(findLimitFault(50, 50)!, /may have 50: delete one, or ask an administrator/u);
  assert.notEqual(findLimitFault(51, 50), null);
});
