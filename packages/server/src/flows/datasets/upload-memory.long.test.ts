// An upload takes no memory that grows with it: bench/upload.ts does the same with more than 2 GB.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { measureUpload } from '../../../test/upload-measure.ts';

const mib = 1024 * 1024;

it('an upload of 500 MB grows the server by less than 200 MB', async () => {
  const { bytes, before, max, columns } = await measureUpload(500 * mib);
  assert.equal(bytes, 500 * mib);
  assert.deepEqual(columns, ['id BIGINT', 'name VARCHAR', 'amount DOUBLE', 'day DATE']);
  assert.ok(max - before < 200 * mib, `${Math.round((max - before) / mib)} MiB more`);
});
