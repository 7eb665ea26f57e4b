// The version of what was read, as If-Match takes it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readVersion } from '../src/version.ts';

it('is the ETag, also where a proxy has marked it as weak', () => {
  const read = (etag?: string) => readVersion(new Headers(etag === undefined ? {} : { etag }));
  assert.deepEqual([read('"W/a"'), read('W/"a"'), read()], ['"W/a"', '"a"', undefined]);
});
