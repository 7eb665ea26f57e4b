// Pictures of the main pages for the documentation: each page is opened, waited for, and drawn in light and dark.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Showcase } from './showcase.ts';
import { setScheme } from './look.ts';
import type { Scheme, Visit } from './visit.ts';

export interface Picture {
  /** The file's name without the colours and the ending. */
  readonly name: string;
  address(ids: Showcase['ids']): string;
  /** Resolves when all that the picture shows is there; what must be seen is waited for here. */
  ready(page: Page): Promise<unknown>;
}

export const pictures: readonly Picture[] = [
  {
    name: 'flow',
    address: ({ flow, recipe }) => `/flows/${flow}?recipe=${recipe}`,
    async ready(page) {
      await page.getByRole('heading', { level: 1, name: 'Bird strikes' }).waitFor();
      await page
        .locator('.cm-content')
        .getByText('costly_species')
        .or(page.locator('.cm-line'))
        .first()
        .waitFor();
      await page.locator('.react-flow__node').nth(6).waitFor();
      await page.getByRole('cell', { name: 'Canada goose' }).first().waitFor();
    },
  },
  {
    name: 'webhook-task',
    address: ({ flow, task }) => `/flows/${flow}?panel=webhooks&task=${task}`,
    async ready(page) {
      const editor = page.getByRole('dialog', { name: 'Webhook task “Tell the team channel”' });
      await editor.locator('.cm-content').first().waitFor();
      await editor.getByText('X-Webhook-Signature').first().waitFor();
    },
  },
  {
    name: 'job-webhooks',
    address: ({ job }) => `/jobs/${job}?tab=webhooks`,
    async ready(page) {
      for (const task of ['Tell the team channel', 'Load into the warehouse', 'Page who is on duty'])
        await page.getByText(task).first().waitFor();
    },
  },
  {
    name: 'delivery',
    address: ({ delivery }) => `/deliveries/${delivery}`,
    async ready(page) {
      await page.getByText('Answered 503').first().waitFor();
      await page.getByText('X-Webhook-Attempt').first().waitFor();
    },
  },
  {
    name: 'home',
    address: () => '/',
    async ready(page) {
      await page.locator('canvas').waitFor();
      await page.getByRole('table', { name: 'Receivers with failed attempts' }).waitFor();
    },
  },
];

const schemes: readonly Scheme[] = ['light', 'dark'];
/** Two points a pixel: sharp on any screen, and as WebP still small. */
export const pictureWindow = { width: 1280, height: 800, pixelRatio: 2 };
const quality = 0.8;

export interface Taken {
  readonly name: string;
  readonly scheme: Scheme;
  readonly file: string;
  readonly bytes: number;
  /** How many colours a grid of its points has: an empty page has few. */
  readonly colours: number;
  /** What went wrong in the page. */
  readonly faults: readonly string[];
}

/** Draws each page into a folder, as `flow-light.webp`. */
export async function takePictures(tab: Visit, ids: Showcase['ids'], folder: string): Promise<Taken[]> {
  const taken: Taken[] = [];
  const packer = await tab.context.newPage();
  // Behind another tab a page is drawn once a second.
  await tab.page.bringToFront();
  for (const { name, address, ready } of pictures) {
    await tab.open(address(ids));
    await ready(tab.page);
    for (const scheme of schemes) {
      await setScheme(tab.page, scheme);
      await settle(tab.page);
      const png = await tab.page.screenshot({ animations: 'disabled' });
      const { bytes, colours } = await pack(packer, png);
      const file = join(folder, `${name}-${scheme}.webp`);
      await writeFile(file, bytes);
      taken.push({ name, scheme, file, bytes: bytes.length, colours, faults: [...tab.faults] });
    }
  }
  await packer.close();
  return taken;
}

/** Nothing loads any more, and what was read is drawn. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
}

/** The browser itself packs it: a WebP is a quarter of a PNG here. */
async function pack(page: Page, png: Buffer): Promise<{ bytes: Buffer; colours: number }> {
  const made = await page.evaluate(
    async ({ source, share }) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext('2d')!;
      context.drawImage(image, 0, 0);
      const points = context.getImageData(0, 0, canvas.width, canvas.height).data;
      const seen = new Set<string>();
      for (let at = 0; at < points.length; at += 4 * 61) seen.add(points.slice(at, at + 3).join());
      return { packed: canvas.toDataURL('image/webp', share), colours: seen.size };
    },
    { source: `data:image/png;base64,${png.toString('base64')}`, share: quality },
  );
  return { bytes: Buffer.from(made.packed.split(',')[1]!, 'base64'), colours: made.colours };
}
