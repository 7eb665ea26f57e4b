// What holds for every page, whatever it shows: axe, no overflow at 360 px, the keyboard reaches everything.
import axe from 'axe-core';
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { until } from '../../server/test/wait.ts';
import type { Scheme } from './visit.ts';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

type RunOnly = { type: 'tag' | 'rule'; values: string[] };

/** Fails with each violation of WCAG 2.2 AA, its place and the way out. */
export function checkAxe(page: Page, about: string): Promise<void> {
  return runAxe(page, about, { type: 'tag', values: tags });
}

/** The rules that ask for colours: all that can differ where a page has only changed its scheme. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/** Every rule in light colours, and those of colours in dark ones; it leaves the page in light ones. */
export async function checkBothSchemes(page: Page, about: string): Promise<void> {
  await setScheme(page, 'light');
  await checkAxe(page, `${about}, light`);
  await checkColourOfBoth(page, about);
}

/** What floats above a page, a menu or a list of choices, lies in no landmark: the page's own order holds it by its button. */
export async function checkFloating(page: Page, about: string): Promise<void> {
  await setScheme(page, 'light');
  await runAxe(page, `${about}, light`, { type: 'tag', values: tags }, ['region']);
  await checkColourOfBoth(page, about);
}

async function checkColourOfBoth(page: Page, about: string): Promise<void> {
  await checkStill(page, `${about}, light`);
  await setScheme(page, 'dark');
  await runAxe(page, `${about}, dark`, { type: 'rule', values: colourRules });
  await checkStill(page, `${about}, dark`);
  await setScheme(page, 'light');
}

async function runAxe(
  page: Page,
  about: string,
  runOnly: RunOnly,
  without: readonly string[] = [],
): Promise<void> {
  // By the debugger's way in: a script element would be refused by the content security policy.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const found = await page.evaluate(
    async ({ only, off }) => {
      const { axe: runner } = globalThis as unknown as { axe: typeof axe };
      const { violations } = await runner.run(document, {
        runOnly: only,
        rules: off,
        resultTypes: ['violations'],
      });
      return violations.map(({ id, help, nodes }) => ({
        id,
        help,
        nodes: nodes
          .slice(0, 4)
          .map(({ html, failureSummary }) => `${html.slice(0, 300)}\n      ${failureSummary}`),
      }));
    },
    { only: runOnly, off: rules },
  );
  const lines = found.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.join('\n    ')}`);
  assert.equal(lines.length, 0, `axe, ${about}:\n${lines.join('\n')}`);
}

/** WCAG lets off what is disabled; here it is read all the same: 4.5:1 for texts and values that can't be changed. */
async function checkStill(page: Page, about: string): Promise<void> {
  const lines = await page.evaluate(findPale);
  assert.equal(lines.length, 0, `contrast of what is disabled, ${about}:\n    ${lines.join('\n    ')}`);
}

/** Changes the colours as the account menu does, and waits until they are painted. */
export async function setScheme(page: Page, scheme: Scheme): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  await page.waitForFunction(
    (wanted) => document.documentElement.dataset['mantineColorScheme'] === wanted,
    scheme,
  );
}

/** Runs in the page. What can't be changed and is too pale, with its contrast. */
function findPale(): string[] {
  type Colour = readonly [number, number, number, number];
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
  const read = (text: string): Colour => {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = text;
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return [red!, green!, blue!, alpha! / 255];
  };
  const over = (top: Colour, share: number, below: Colour): Colour => {
    const mix = (at: 0 | 1 | 2) => top[at] * share + below[at] * (1 - share);
    return [mix(0), mix(1), mix(2), 1];
  };
  const light = ([red, green, blue]: Colour) => {
    const [r, g, b] = [red, green, blue].map((part) =>
      part / 255 <= 0.040_45 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (element: Element) => {
    let ground: Colour = [255, 255, 255, 1];
    const faded: { readonly behind: Colour; readonly share: number }[] = [];
    const within: Element[] = [];
    for (let each: Element | null = element; each !== null; each = each.parentElement) within.unshift(each);
    for (const each of within) {
      const { backgroundColor, opacity } = getComputedStyle(each);
      if (Number(opacity) < 1) faded.unshift({ behind: ground, share: Number(opacity) });
      const own = read(backgroundColor);
      ground = over(own, own[3], ground);
    }
    const text = read(getComputedStyle(element).color);
    let shown = over(text, text[3], ground);
    for (const { behind, share } of faded)
      [shown, ground] = [over(shown, share, behind), over(ground, share, behind)];
    const [dark = 0, bright = 0] = [light(shown), light(ground)].toSorted((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  return [
    ...document.querySelectorAll<HTMLInputElement>(
      ':disabled, [readonly], [aria-disabled="true"], label[data-disabled]',
    ),
  ]
    .filter((element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
    .filter((element) => (element.value || element.textContent).trim() !== '')
    .map((element) => ({ element, ratio: contrast(element) }))
    .filter(({ ratio }) => ratio < 4.5)
    .map(({ element, ratio }) => `${ratio.toFixed(2)}:1 ${element.outerHTML.slice(0, 200)}`);
}

/** At 360 px nothing may stick out to the right; fails with what does. */
export function checkNarrow(page: Page, about: string): Promise<void> {
  return checkWidths(page, about, [360]);
}

/** The same at several widths, in pixels. */
export async function checkWidths(page: Page, about: string, widths: readonly number[]): Promise<void> {
  const { width: usual, height } = page.viewportSize()!;
  for (const width of widths) {
    await page.setViewportSize({ width, height });
    let wide: string | null = null;
    let broken: readonly string[] = [];
    // What draws by its size (a chart, a table's cards) follows in a later frame.
    const fits = async () => {
      wide = await page.evaluate(findOverflow);
      broken = await page.evaluate(findBrokenTitles);
      return wide === null && broken.length === 0;
    };
    await until(fits, 'the page fits', 30_000).catch(() => undefined);
    assert.equal(wide, null, `${width} px, ${about}: ${wide}`);
    assert.deepEqual(broken, [], `titles of columns, ${width} px, ${about}`);
  }
  await page.setViewportSize({ width: usual, height });
}

/** Runs in the page. */
function findOverflow(): string | null {
  const { clientWidth } = document.documentElement;
  // A drawer or dialog scrolls within itself: what sticks out of it widens no page.
  const frames = [document.documentElement, ...document.querySelectorAll('[role="dialog"]')];
  const scrollWidth = Math.max(...frames.map((frame) => frame.scrollWidth));
  if (scrollWidth <= clientWidth) return null;
  const culprits = [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
    .slice(-3)
    .map((element) => element.outerHTML.slice(0, 200));
  return `${scrollWidth} px wide: ${culprits.join('\n    ')}`;
}

/** Runs in the page. Titles of columns that are broken within a word, or that reach into the next column. */
function findBrokenTitles(): string[] {
  // Longer ones are names of people's own columns.
  const isOurs = (word: string) => word.length <= 20;
  const lineCount = (node: Node, start: number, end: number) => {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  return (
    [...document.querySelectorAll('[role="columnheader"], th')]
      // Where rows are cards the titles are there for those who don't see them, within one pixel.
      .filter(
        (title) => title.checkVisibility() && title.closest('[role="rowgroup"], thead')!.clientWidth > 1,
      )
      .flatMap((title) => {
        const words: string[] = [];
        const walk = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
        for (let node = walk.nextNode(); node !== null; node = walk.nextNode())
          for (const { 0: word, index } of (node.nodeValue ?? '').matchAll(/\S+/gu))
            if (isOurs(word) && lineCount(node, index, index + word.length) > 1)
              words.push(`${word} is broken`);
        const text = title.textContent.trim();
        if (title.scrollWidth > title.clientWidth + 1 && text.split(/\s+/u).every(isOurs))
          words.push(`${text} reaches into the next column`);
        return words;
      })
  );
}

/** Everything that can be clicked is reached by Tab, and shows that it has the focus. */
export async function checkKeyboard(page: Page, about: string): Promise<void> {
  const wanted = await page.evaluate(markReachable);
  const { reached, unseen } = await walkByTab(page, wanted.length);
  const missed = wanted.filter(({ mark }) => !reached.has(mark));
  // What a page has drawn anew on the way has lost its mark: the page as it is now is walked.
  if (missed.length > 0 && (await page.evaluate(countMarks)) < wanted.length)
    return checkKeyboard(page, about);
  const names = missed.map(({ html }) => html);
  assert.deepEqual(names, [], `not reached by Tab, ${about}`);
  assert.deepEqual(unseen, [], `focus can't be seen, ${about}`);
}

/** So many times Tab is pressed before the page is asked what had the focus: each question costs as much as a press. */
const stride = 8;

async function walkByTab(page: Page, count: number) {
  await page.evaluate(noteFocus);
  const reached = new Set<string>();
  const unseen: string[] = [];
  for (let step = 0; step < count * 2 + 20; step += stride) {
    for (let press = 0; press < stride; press += 1) await page.keyboard.press('Tab');
    let isRound = false;
    for (const { mark, seen, html } of await page.evaluate(takeFocused)) {
      if (!seen) unseen.push(html);
      if (mark !== null && reached.has(mark) && reached.size >= count) isRound = true;
      if (mark !== null) reached.add(mark);
    }
    if (isRound) break;
  }
  return { reached, unseen };
}

/** Runs in the page. */
function countMarks(): number {
  return document.querySelectorAll('[data-reach]').length;
}

/** Runs in the page. Of a group of radio buttons Tab reaches one, arrows the others. */
function markReachable(): { mark: string; html: string }[] {
  const query =
    'a[href], button, input:not([type=hidden]), select, textarea, [role=button], [role=tab], [role=menuitem], [tabindex="0"]';
  for (const left of document.querySelectorAll<HTMLElement>('[data-reach]')) delete left.dataset['reach'];
  const elements = [...document.querySelectorAll<HTMLElement>(query)].filter((element) => {
    if (element.tabIndex < 0 || element.matches(':disabled, [aria-disabled=true], [inert] *')) return false;
    if (element instanceof HTMLInputElement && element.type === 'radio' && !element.checked) return false;
    return element.checkVisibility({ visibilityProperty: true });
  });
  return elements.map((element, index) => {
    element.dataset['reach'] = String(index);
    return { mark: String(index), html: element.outerHTML.slice(0, 160) };
  });
}

interface Focused {
  readonly mark: string | null;
  readonly seen: boolean;
  readonly html: string;
}

/** Runs in the page: before each key it notes what has the focus, as all that the last key did is drawn. */
function noteFocus(): void {
  const notes = globalThis as { focused?: Focused[]; noteFocused?: () => void };
  (document.activeElement as HTMLElement | null)?.blur();
  notes.focused = [];
  if (notes.noteFocused !== undefined) return;
  const outlined = (each: Element | null) => {
    if (each === null) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
  };
  // Seen: an outline, or a ring drawn by an element beside or around it.
  notes.noteFocused = () => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || element === document.body) return;
    const around = [element, element.nextElementSibling];
    for (let each = element.parentElement; each !== null && around.length < 7; each = each.parentElement)
      around.push(each);
    const mark = element.dataset['reach'] ?? null;
    notes.focused!.push({ mark, seen: around.some(outlined), html: element.outerHTML.slice(0, 160) });
  };
  addEventListener('keydown', notes.noteFocused, true);
}

/** Runs in the page: what had the focus since it was asked last, and what has it now. */
function takeFocused(): readonly Focused[] {
  const notes = globalThis as { focused?: Focused[]; noteFocused?: () => void };
  notes.noteFocused!();
  return notes.focused!.splice(0);
}
