// Rights on a flow: the workspace role and the role on the flow, the lesser of both.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { rightsOf } from './flow-role.ts';

type Parameter<Index extends 0 | 1> = Parameters<typeof rightsOf>[Index];

const letters = (role: Parameter<0>['role'], flowRole?: Parameter<1>) => {
  const { run, change, own } = rightsOf({ role }, flowRole);
  return [run && 'run', change && 'change', own && 'own'].filter(Boolean).join(' ');
};

it('a person may do what both of their roles allow', () => {
  for (const role of ['author', 'administrator'] as const) {
    assert.equal(letters(role, 'owner'), 'run change own');
    assert.equal(letters(role, 'collaborator'), 'run change');
    assert.equal(letters(role, 'readOnly'), 'run');
    assert.equal(letters(role), '');
  }
  for (const flowRole of ['owner', 'collaborator', 'readOnly'] as const)
    assert.equal(letters('viewer', flowRole), '');
});
