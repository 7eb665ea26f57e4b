// Draws the pictures of the documentation anew, into docs/images: node --conditions=flowhook-source scripts/pictures.ts
// With a folder: into that, all of them.
import { mkdir, mkdtemp, copyFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser } from '../packages/web/test/browser.ts';
import { pictureWindow, takePictures } from '../packages/web/test/picture.ts';
import { makeShowcase } from '../packages/web/test/showcase.ts';
import { visit } from '../packages/web/test/visit.ts';

const images = join(import.meta.dirname, '../docs/images');
const [chosen] = process.argv.slice(2);
const folder = chosen ?? (await mkdtemp(join(tmpdir(), 'flowhook-pictures-')));
await mkdir(folder, { recursive: true });

const [showcase, browser] = await Promise.all([makeShowcase(), startBrowser()]);
try {
  const tab = await visit(browser, showcase.server, { person: showcase.server.author, ...pictureWindow });
  for (const { file, bytes, faults } of await takePictures(tab, showcase.ids, folder)) {
    console.log(`${file} ${bytes} bytes${faults.length > 0 ? `, faults: ${faults.join('; ')}` : ''}`);
  }
  if (chosen === undefined) await replaceStored();
} finally {
  await browser.close();
  await showcase.stop();
  if (chosen === undefined) await rm(folder, { recursive: true });
}

/** Those that the documentation shows, which are fewer than all. */
async function replaceStored(): Promise<void> {
  const stored = await readdir(images);
  for (const name of stored) await copyFile(join(folder, name), join(images, name));
  console.log(`${stored.length} pictures in docs/images are new.`);
}
