// Where datasets may lie: no way out of the allowed folders, none into the data folder.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Problem } from '../../base/error.ts';
import { createLocations, readUploadUri, writeUploadUri, type Locations } from './location.ts';

describe('locations', () => {
  let base: string;
  let locations: Locations;
  const url = (...parts: string[]) => pathToFileURL(join(base, ...parts)).href;

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'flowhook-location-'));
    for (const folder of ['open/sub', 'secret', 'open/data', 'open-not', 'linked'])
      await mkdir(join(base, folder), { recursive: true });
    for (const file of [
      'open/a.csv',
      'open/sub/b c#?.csv',
      'secret/key',
      'open/data/key',
      'open-not/a.csv',
      'linked/l.csv',
    ])
      await writeFile(join(base, file), 'a,b\n1,2\n');
    await symlink(join(base, 'secret/key'), join(base, 'open/to-file'));
    await symlink(join(base, 'secret'), join(base, 'open/to-folder'));
    await symlink(join(base, 'open/a.csv'), join(base, 'open/inside'));
    await symlink(join(base, 'open/data/key'), join(base, 'open/to-data'));
    await symlink(join(base, 'nowhere'), join(base, 'open/broken'));
    await symlink(join(base, 'linked'), join(base, 'root-link'));
    execFileSync('mkfifo', [join(base, 'open/pipe')]);
    const roots = [join(base, 'open'), join(base, 'root-link'), join(base, 'missing')];
    locations = createLocations({ dataDir: join(base, 'open/data'), dataRoots: roots });
  });
  after(() => rm(base, { recursive: true, force: true }));

  it('finds files in allowed folders, through links that stay inside', async () => {
    const found = await locations.resolveGiven(url('open/a.csv'));
    assert.deepEqual(found, { uri: url('open/a.csv'), path: join(base, 'open/a.csv'), bytes: 8 });
    assert.equal((await locations.resolveGiven(url('open/inside'))).path, join(base, 'open/a.csv'));
    assert.equal((await locations.resolveGiven(url('root-link/l.csv'))).path, join(base, 'linked/l.csv'));
    assert.equal((await locations.resolveGiven(url('open/sub/b c#?.csv'))).bytes, 8);
    assert.equal((await locations.resolveGiven(`file://${base}/open/sub/../a.csv`)).bytes, 8);
  });

  const refused = {
    'another folder': () => url('secret/key'),
    'a folder whose name begins alike': () => url('open-not/a.csv'),
    'dots that lead out': () => `file://${base}/open/../secret/key`,
    'encoded dots that lead out': () => `file://${base}/open/%2e%2e/secret/key`,
    'encoded slashes': () => `file://${base}/open/..%2fsecret%2fkey`,
    'a zero character': () => `file://${base}/open/a.csv%00.txt`,
    'a link to a file outside': () => url('open/to-file'),
    'a link to a folder outside': () => url('open/to-folder/key'),
    'the data folder': () => url('open/data/key'),
    'a link into the data folder': () => url('open/to-data'),
    'a broken link': () => url('open/broken'),
    'a missing file': () => url('open/none.csv'),
    'a folder': () => url('open/sub'),
    'the allowed folder itself': () => url('open'),
    'a pipe': () => url('open/pipe'),
    'another host': () => `file://host${base}/open/a.csv`,
    'a query': () => `${url('open/a.csv')}?x`,
    'a path without a scheme': () => join(base, 'open/a.csv'),
    'a relative path': () => 'open/a.csv',
    http: () => 'http://127.0.0.1/a.csv',
    'an upload': () => writeUploadUri('key', 'a.csv'),
    'an empty text': () => '',
  };
  for (const [what, uri] of Object.entries(refused))
    it(`refuses ${what}`, async () => {
      await assert.rejects(locations.resolveGiven(uri()), (error: unknown) => {
        assert.ok(error instanceof Problem);
        assert.equal(error.errors[0]?.field, 'uri');
        return true;
      });
    });

  it('does not tell whether a file outside exists', async () => {
    const messages = [];
    for (const uri of [url('secret/key'), url('secret/none')])
      messages.push(await locations.resolveGiven(uri).catch((error: Error) => error.message));
    assert.equal(messages[0], messages[1]);
  });

  it('follows a stored address again, and refuses one that leads out by now', async () => {
    assert.equal(await locations.resolveStored(url('open/inside')), join(base, 'open/a.csv'));
    assert.equal(await locations.resolveStored(url('open/gone.csv')), join(base, 'open/gone.csv'));
    await assert.rejects(locations.resolveStored(url('open/to-file')), Problem);
  });

  it('keeps uploads in the data folder, by a random key and the file name', async () => {
    const uri = writeUploadUri('some-key', 'Größe 1.csv');
    assert.deepEqual(readUploadUri(uri), { key: 'some-key', fileName: 'Größe 1.csv' });
    assert.equal(await locations.resolveStored(uri), join(base, 'open/data/datasets/some-key/Größe 1.csv'));
  });
});
