// How soon a page shows what has happened, and whether a long list keeps up with scrolling: measured in the page itself.
import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { externalJobEndpoints } from '@flowhook/contract/job/external-job';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { until } from '../../server/test/wait.ts';
import type { Visit } from './visit.ts';
import type { World } from './world.ts';

/** Milliseconds from the event's own time, as the server stores it, to the frame that shows it: one for each round. */
export interface LiveTimes {
  readonly 'job ends, list of jobs': readonly number[];
  readonly 'delivery is settled, list of deliveries': readonly number[];
  readonly 'delivery is settled, page of its job': readonly number[];
  readonly 'delivery is settled, home': readonly number[];
}

/** Ends a job each round, and looks at four pages at once: server, browser and all pages share one machine. */
export async function measureLive(
  world: World,
  open: (address: string) => Promise<Visit>,
  rounds: number,
): Promise<LiveTimes> {
  const { author } = world.server;
  const [jobs, deliveries, home, job] = await Promise.all([
    open('/jobs'),
    open('/deliveries'),
    open('/'),
    open('/jobs'),
  ]);
  await deliveries.page.getByRole('table').waitFor();
  await home.page
    .getByText(/\d+ × delivered/u)
    .first()
    .waitFor();
  const times: Record<keyof LiveTimes, number[]> = {
    'job ends, list of jobs': [],
    'delivery is settled, list of deliveries': [],
    'delivery is settled, page of its job': [],
    'delivery is settled, home': [],
  };
  for (let round = 0; round < rounds; round += 1) {
    const name = `Measured ${round}.`;
    const { id } = await author.call(externalJobEndpoints.create, {
      body: { wrangledDataset: { id: world.ids.recipe }, name },
    });
    await jobs.page.getByText(name).waitFor();
    await job.goTo(`/jobs/${id}?tab=webhooks`);
    await job.page.getByRole('tab', { name: 'Webhooks', selected: true }).waitFor();
    const counted = await home.page
      .getByText(/\d+ × delivered/u)
      .first()
      .innerText();
    const more = counted.replace(
      /(\d+) × delivered/u,
      (_, count: string) => `${Number(count) + 1} × delivered`,
    );
    const deliveryNo = (await readNewest(world)) + 1;
    const seen = Promise.all([
      seenAt(jobs.page, '[role=row]', [name, 'Complete']),
      seenAt(deliveries.page, '[role=row]', [`No. ${deliveryNo} `, 'Delivered']),
      seenAt(job.page, 'main', ['Delivered']),
      seenAt(home.page, 'li', [more]),
    ]);
    const ended = await author.call(externalJobEndpoints.change, {
      params: { id },
      body: { status: 'Complete' },
    });
    const [inJobs, inDeliveries, inJob, inHome] = await seen;
    const settledAt = await readSettled(world, id);
    times['job ends, list of jobs'].push(inJobs - Date.parse(ended.finishedAt!));
    times['delivery is settled, list of deliveries'].push(inDeliveries - settledAt);
    times['delivery is settled, page of its job'].push(inJob - settledAt);
    times['delivery is settled, home'].push(inHome - settledAt);
  }
  return times;
}

/** The id of the newest delivery. */
async function readNewest({ server }: World): Promise<number> {
  const { data } = await server.author.call(webhookDeliveryEndpoints.list, { query: { limit: 1 } });
  return data[0]!.id;
}

async function readSettled(world: World, jobGroupId: number): Promise<number> {
  let endedAt: string | null = null;
  await until(async () => {
    const query = { jobGroupId };
    const { data } = await world.server.author.call(webhookDeliveryEndpoints.list, { query });
    endedAt = data[0]?.endedAt ?? null;
    return endedAt !== null;
  });
  return Date.parse(endedAt!);
}

const patienceMs = 20_000;

/** When the first frame is drawn in which an element holds all these texts, epoch milliseconds. Rejects where it never is. */
function seenAt(page: Page, selector: string, texts: readonly string[]): Promise<number> {
  return page.evaluate(
    ({ selector, texts, patienceMs: patience }) =>
      new Promise<number>((resolve, reject) => {
        setTimeout(() => reject(new Error(`Never seen: ${texts.join(', ')}`)), patience);
        const look = () => {
          const found = [...document.querySelectorAll<HTMLElement>(selector)].some((element) =>
            texts.every((text) => element.textContent.includes(text)),
          );
          if (!found) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(Date.now()));
        };
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, characterData: true });
        look();
      }),
    { selector, texts: [...texts], patienceMs },
  );
}

export interface Scrolled {
  /** Rows that stood in the window at some frame. */
  readonly rows: number;
  /** Frames that were drawn, and how long the usual one took, milliseconds. */
  readonly frames: number;
  readonly usualMs: number;
  /** Frames that took three times the usual one, or longer. */
  readonly longFrames: number;
  /** Frames in which a row was missing that should have been seen, and for how many frames at most one was. */
  readonly gaps: number;
  readonly worstGap: number;
}

/** Scrolls a list that is loaded to its end from top to bottom, `step` pixels a frame. */
export function scrollThrough(page: Page, step: number): Promise<Scrolled> {
  return page.evaluate(async (step) => {
    const frame = () => new Promise<number>(requestAnimationFrame);
    const body = document.querySelectorAll('[role=rowgroup]')[1]!;
    const readRows = () => [...document.querySelectorAll<HTMLElement>('[role=row][data-index]')];
    /** Runs after the page has answered to the scroll, and before the frame is painted. */
    const isCovered = () => {
      const whole = body.getBoundingClientRect();
      const rects = readRows().map((row) => row.getBoundingClientRect());
      const top = Math.max(whole.top, 0);
      const bottom = Math.min(whole.bottom, innerHeight);
      const inside = rects.filter((rect) => rect.bottom > top && rect.top < bottom);
      return inside.length > 0 && inside[0]!.top <= top + 1 && inside.at(-1)!.bottom >= bottom - 1;
    };
    const seen = new Set<string>();
    const noteSeen = () => {
      for (const row of readRows()) {
        const { top, bottom } = row.getBoundingClientRect();
        if (bottom > 0 && top < innerHeight) seen.add(row.dataset['index']!);
      }
    };
    const times: number[] = [];
    let gaps = 0;
    let worstGap = 0;
    scrollTo(0, 0);
    await frame();
    let last = await frame();
    for (let y = 0; ; y += step) {
      scrollTo(0, y);
      const now = await frame();
      times.push(now - last);
      last = now;
      let gap = 0;
      while (!isCovered() && gap < 120) {
        gap += 1;
        last = await frame();
      }
      gaps += gap;
      worstGap = Math.max(worstGap, gap);
      noteSeen();
      if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) break;
    }
    const usualMs = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
    return {
      rows: seen.size,
      frames: times.length,
      usualMs,
      longFrames: times.filter((ms) => ms >= 3 * usualMs).length,
      gaps,
      worstGap,
    };
  }, step);
}

/** Scrolls to the end until the list has so many rows. Returns how many of them the page held at once, at most. */
export async function loadAll(page: Page, count: number): Promise<number> {
  const { last, most } = await page.evaluate(
    ([wanted, patience]) =>
      new Promise<{ last: number; most: number }>((resolve) => {
        let most = 0;
        const lastIndex = () =>
          Number([...document.querySelectorAll<HTMLElement>('[data-index]')].at(-1)?.dataset['index']);
        const end = () => {
          clearTimeout(timer);
          observer.disconnect();
          resolve({ last: lastIndex(), most });
        };
        const timer = setTimeout(end, patience);
        // Each scroll to the end brings the next rows, which change the page.
        const observer = new MutationObserver(() => {
          most = Math.max(most, document.querySelectorAll('[role=row]').length);
          if (lastIndex() === wanted) return end();
          scrollTo(0, document.documentElement.scrollHeight);
        });
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        scrollTo(0, document.documentElement.scrollHeight);
        if (lastIndex() === wanted) end();
      }),
    [count - 1, 120_000],
  );
  assert.equal(last, count - 1, `${count} rows are loaded`);
  return most;
}

/** Jobs of long ago, newest first `Past 1`, and a delivery that waits for each: straight into the database. */
export async function addPast(world: World, count: number): Promise<void> {
  const { ids, server } = world;
  const now = Date.now();
  await server.app.db.transaction(async (tx) => {
    const numbers = sql`with recursive numbers (n) as (
      select 1 union all select n + 1 from numbers where n < ${count})`;
    await sql`${numbers}
      insert into jobs (flow_id, name, kind, ran_from, started_by, state, plan, profiler, created_at, updated_at,
        started_at, finished_at)
      select ${ids.flow}, 'Past ' || n, 'external', 'api', 'external', 'complete', 'null', 0, n, n, n, n + 1
      from numbers`.execute(tx);
    await sql`${numbers}
      insert into deliveries (public_id, event_id, task_id, flow_id, job_id, repeats_id, state, held, host, created_at,
        updated_at, expires_at)
      select 'past-' || n, event_id, task_id, flow_id, job_id, id, 'pending', 1, 'past.example.com', ${now} + n,
        ${now} + n, ${now} + 86400000
      from deliveries, numbers where id = ${ids.delivery}`.execute(tx);
  });
}

/** The value that so many of the times are at most. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!;
}
