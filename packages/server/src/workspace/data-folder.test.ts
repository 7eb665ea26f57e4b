// What readiness says of the data folder's disk.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { checkDisk } from './data-folder.ts';

describe('the disk of the data folder', () => {
  let folder: string;
  let mounted: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flowhook-folder-'));
    mounted = [];
  });
  afterEach(() => {
    for (const path of mounted) execFileSync('umount', ['-l', path]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** False where nothing can be mounted: the test is skipped then. */
  function mount(context: TestContext, path: string, options: string): boolean {
    mkdirSync(path, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
    } catch {
      context.skip('no file system can be mounted here');
      return false;
    }
    mounted.push(path);
    return true;
  }

  it('has room, and says how much', async () => {
    assert.match(await checkDisk(folder), /^\d+ MiB free$/u);
  });

  it('has too little room below 100 MiB', async (context) => {
    if (mount(context, folder, 'size=64m'))
      await assert.rejects(checkDisk(folder), { message: `only 64 MiB free in ${folder}` });
  });

  it('names a folder within it that is read-only', async (context) => {
    const outputs = join(folder, 'outputs');
    if (mount(context, outputs, 'ro'))
      await assert.rejects(checkDisk(folder), { message: `${outputs} can't be written to (EROFS)` });
  });
});
