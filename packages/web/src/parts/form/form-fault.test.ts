// Faults of the contract at the fields of a form.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toErrors, toFormPath } from './form-fault.ts';

describe('the field of a fault', () => {
  const fieldOf = { 'webapp.list': 'list', secretKey: 'secret', secret: 'other' };
  const rows: [field: string, path: string][] = [
    ['name', 'name'],
    ['writeSettings[0].path', 'writeSettings.0.path'],
    ['secretKey', 'secret'],
    ['webapp.list', 'list'],
    ['webapp.list[2]', 'list.2'],
    ['webapp.list[2].wait', 'list.2.wait'],
    ['webapp.listing', 'webapp.listing'],
    ['secret.part', 'other.part'],
  ];
  for (const [field, path] of rows) {
    it(`${field} is ${path}`, () => assert.equal(toFormPath(field, fieldOf), path));
  }

  it('shows its first fault as a sentence', () => {
    const faults = [
      { field: 'webapp.list[0]', detail: 'must be a number.' },
      { field: 'webapp.list[0]', detail: 'is too long.' },
    ];
    assert.deepEqual(toErrors(faults, fieldOf), { 'list.0': 'Must be a number.' });
  });
});
