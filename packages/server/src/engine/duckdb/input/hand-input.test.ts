// What a child is told of an input that it gets as a copy.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { handInputs, tellCopies } from './hand-input.ts';
import { identify, markOf, openInputs } from './open-input.ts';

test('a copy has the mark of the file that it was made of, and an identity of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flowhook-hand-'));
  try {
    await mkdir(join(folder, 'in'));
    const path = join(folder, 'd.csv');
    // Not for everybody to read: a child with a user of its own could not open it.
    await writeFile(path, 'a\n1\n', { mode: 0o600 });
    const inputs = await openInputs([{ files: [{ uri: path, name: 'd.csv' }] }], () => true);
    const how = { by: 'descriptor', user: 65_533, ownFolders: [] } as const;
    const { copies, descriptors } = await handInputs(folder, inputs.open, how);
    await inputs.close();
    assert.equal(descriptors.length, 0);
    const [[told]] = tellCopies(inputs.handed, copies) as [
      [{ name: string; identity: string; mark: string }],
    ];
    const [original, copied] = await Promise.all(
      [path, join(folder, told.name)].map((each) => stat(each, { bigint: true })),
    );
    assert.equal(told.mark, markOf(original!));
    assert.equal(told.identity, identify(copied!));
    assert.notEqual(told.identity, identify(original!));
  } finally {
    await rm(folder, { recursive: true });
  }
});
