// What a caller reads about a request that is not valid.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { flag, idText, listQuery } from './convention.ts';
import { jobGroupCreate } from './job/job-launch.ts';
import { outputObjectCreate } from './flow/output-object.ts';
import { personCreate } from './person/person.ts';
import { describeIssues } from './problem.ts';
import { webhookTaskCreate } from './webhook/webhook-task.ts';
import { writeSettingCreate } from './flow/write-setting.ts';

function faults(schema: z.ZodType, value: unknown, root?: string): Record<string, string> {
  const parsed = schema.safeParse(value);
  assert.ok(!parsed.success, 'must be refused');
  return Object.fromEntries(describeIssues(parsed.error, root).map(({ field, detail }) => [field, detail]));
}

const setting = { path: 'a.csv', action: 'create', format: 'csv' };
const task = {
  name: 'Tell',
  flowId: 7,
  url: 'https://hooks.example.com/',
  method: 'post',
  triggerEvent: 'onJobDone',
  triggerObject: 'any',
};

describe('describeIssues', () => {
  it('names a missing member and what it is', () => {
    assert.deepEqual(faults(personCreate, { email: 'a@example.com' }), { name: 'is needed: give a text.' });
    const { url: _, ...whole } = task;
    assert.deepEqual(faults(webhookTaskCreate, whole), {
      url: 'is needed, or the recipe to run in `runWrangledDataset`.',
    });
  });

  it('tells a wrong type from a missing member', () => {
    assert.deepEqual(faults(webhookTaskCreate, { ...task, url: 5, name: null, enabled: 'yes' }), {
      name: 'must be a text.',
      url: 'must be a text.',
      enabled: 'must be true or false.',
    });
  });

  it('lists what a closed list allows', () => {
    assert.deepEqual(faults(webhookTaskCreate, { ...task, method: 'POST' }), {
      method: 'must be one of post, get, put, patch, delete.',
    });
  });

  it('writes the path into a list, whichever form the list came in', () => {
    const path = { ...setting, path: '' };
    const detail = 'must not be empty.';
    assert.deepEqual(faults(outputObjectCreate, { flowNodeId: 1, writeSettings: [setting, path] }), {
      'writeSettings[1].path': detail,
    });
    assert.deepEqual(faults(outputObjectCreate, { flowNodeId: 1, writeSettings: { data: [path] } }), {
      'writeSettings.data[0].path': detail,
    });
    assert.deepEqual(
      faults(jobGroupCreate, { wrangledDataset: { id: 1 }, overrides: { writesettings: [path] } }),
      { 'overrides.writesettings[0].path': detail },
    );
  });

  it('says which forms there are when none was meant', () => {
    assert.deepEqual(faults(outputObjectCreate, { flowNodeId: 1, writeSettings: 'a' }), {
      writeSettings: 'must be a list or an object.',
    });
  });

  it("keeps a schema's own sentence", () => {
    assert.deepEqual(faults(writeSettingCreate, { ...setting, format: 'avro', outputObjectId: 1 }), {
      format: 'avro is not written by this server: choose csv, json or pqt.',
    });
    assert.deepEqual(faults(writeSettingCreate, { ...setting, compression: 'bzip2', outputObjectId: 1 }), {
      compression: 'bzip2 is not written by this server: choose none, gzip or snappy.',
    });
    assert.deepEqual(faults(writeSettingCreate, { ...setting, format: 'xml', outputObjectId: 1 }), {
      format: 'must be one of csv, json, pqt.',
    });
    assert.deepEqual(faults(webhookTaskCreate, { ...task, headers: { Authorization: null } }), {
      'headers.Authorization': 'is null, which keeps a stored value; there is none yet: give the value.',
    });
  });

  it('says how long and how large', () => {
    assert.deepEqual(faults(webhookTaskCreate, { ...task, name: 'a'.repeat(256) }), {
      name: 'must have at most 255 characters.',
    });
    assert.deepEqual(faults(writeSettingCreate, { ...setting, delim: ';;', outputObjectId: 1 }), {
      delim: 'must have exactly 1 character.',
    });
    assert.deepEqual(faults(listQuery, { limit: '5000', offset: '-1' }), {
      limit: 'must be at most 1000.',
      offset: 'must be at least 0.',
    });
    assert.deepEqual(faults(z.object({ id: idText }), { id: '0' }), { id: 'must be more than 0.' });
  });

  it('reads numbers and booleans of a query as people write them', () => {
    assert.deepEqual(faults(listQuery, { limit: 'many' }), { limit: 'must be a number.' });
    assert.deepEqual(faults(listQuery, { limit: '1.5' }), { limit: 'must be a whole number.' });
    assert.deepEqual(faults(z.object({ noLimit: flag }), { noLimit: 'perhaps' }), {
      noLimit: 'must be true or false.',
    });
  });

  it('shows an email address and a time', () => {
    const detail = 'must be an email address, such as ada@example.com.';
    assert.deepEqual(faults(personCreate, { email: 'ada', name: 'Ada' }), { email: detail });
  });

  it('names a key that does not fit', () => {
    assert.deepEqual(faults(webhookTaskCreate, { ...task, secrets: { 'a-b': 'x' } }), {
      'secrets.a-b': 'has a name that does not fit: a name must be 1 to 64 letters, digits and _.',
    });
  });

  it('puts the root before a path, and stands alone for the whole', () => {
    assert.deepEqual(faults(webhookTaskCreate, [], 'body'), { body: 'must be an object.' });
  });

  it('leaves no sentence of the library in any refusal of a wild body', () => {
    const wild = { ...task, flowNodeIds: 'x', headers: 4, secrets: [], body: {}, secretKey: 1, flow: 'a' };
    for (const detail of Object.values(faults(webhookTaskCreate, wild))) {
      assert.doesNotMatch(detail, /Invalid|Too (?:big|small)|received/u);
      assert.match(detail, /\.$/u);
    }
  });
});
