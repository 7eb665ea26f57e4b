// Fair shares and what belongs to others: slow queries, lists without end, withdrawn rights, broken exports.
import { randomBytes, randomInt } from 'node:crypto';
import { zipOf } from '../../packages/server/test/foreign-package.ts';
import type { Attack } from './attack.ts';
import { answersMeanwhile } from './meanwhile.ts';
import type { World } from './world.ts';

/** A query that needs many seconds on any machine. */
const slowSql = 'select count(*) as n from range(400000) a(x), range(400000) b(y) where (a.x * b.y) % 7 = 3';

function check({ viewer, flow }: World, sql: string) {
  return viewer.send('POST', '/v4/wrangledDatasets/check', {
    body: { flow: { id: flow.id }, name: 'slow', sql },
  });
}

/** Tries to import a package that holds this, and looks whether others are answered meanwhile. */
async function importMeanwhile(world: World, data: string) {
  const form = new FormData();
  const zip = await zipOf({ 'data.json': data });
  form.set('data', new Blob([new Uint8Array(zip)]), 'flow.zip');
  const answered = await answersMeanwhile(world, () =>
    world.author.send('POST', '/v4/flows/package/dryRun', { body: form }),
  );
  // What is no zip, or packs too well, is refused before its text is read.
  if (/no zip|unpacks/u.test(answered.result.text)) throw new Error(`not read: ${answered.result.text}`);
  return answered;
}

export const shareAttacks: readonly Attack[] = [
  {
    name: 'a check that is made to compute two billion characters',
    who: 'viewer',
    async run(world) {
      const began = performance.now();
      const { result, late } = await answersMeanwhile(world, () =>
        check(world, "select repeat('x', 2000000000) as a"),
      );
      const took = performance.now() - began;
      return late ?? (took < 6000 || result.status >= 400 ? null : `it took ${Math.round(took)} ms.`);
    },
  },
  {
    name: 'lists without an end',
    who: 'viewer',
    async run(world) {
      const { result, late } = await answersMeanwhile(world, () =>
        world.viewer.send('GET', '/v4/jobGroups?noLimit=true&embed=webhooks'),
      );
      return late ?? ([200, 400].includes(result.status) ? null : `answered ${result.status}.`);
    },
  },
  {
    name: 'an export that breaks off in the middle',
    who: 'viewer',
    async run({ viewer }) {
      const { status } = await viewer.send('GET', '/v4/webhookDeliveries/export?filter=x&filterFields=0');
      return status === 400 ? null : `answered ${status}, where the list answers 400.`;
    },
  },
  {
    name: 'a dataset that was once seen, after the right is taken back',
    who: 'viewer',
    async run({ author, other }) {
      const { id } = await author.make<{ id: number }>('/v4/flows', { name: 'shared for a while' });
      const dataset = await author.upload('once', 'a\nold\n');
      await author.make(`/v4/importedDatasets/${dataset}/addToFlow`, { flow: { id } });
      await author.make(`/v4/flows/${id}/permissions`, { data: [{ personId: other.id, role: 'readOnly' }] });
      const own = await other.make<{ id: number }>('/v4/flows', { name: 'keeps it' });
      await other.send('POST', `/v4/importedDatasets/${dataset}/addToFlow`, {
        body: { flow: { id: own.id } },
      });
      await author.send('DELETE', `/v4/flows/${id}/permissions/${other.id}`);
      const form = new FormData();
      form.set('file', new Blob(['a\nNEW-482911\n']), 'once.csv');
      await author.send('PUT', `/v4/importedDatasets/${dataset}/file`, { body: form });
      const { text } = await other.send('GET', `/v4/importedDatasets/${dataset}/preview`);
      return text.includes('NEW-482911') ? 'the new rows are shown.' : null;
    },
  },
  {
    name: 'a package that is one long unfinished list',
    who: 'author',
    async run(world) {
      const opened = Array.from({ length: 200_000 }, () => `[${randomInt(1_000_000)},`);
      const { result, late } = await importMeanwhile(world, `{"a":[${opened.join('')}`);
      return late ?? ([400, 413].includes(result.status) ? null : `answered ${result.status}.`);
    },
  },
  {
    name: 'a package whose JSON5 goes deeper than any stack',
    who: 'author',
    async run(world) {
      const opened = Array.from({ length: 100_000 }, () => `{'${randomBytes(4).toString('hex')}':`);
      const text = `${opened.join('')}[+1,]${'}'.repeat(opened.length)}`;
      const { result, late } = await importMeanwhile(world, text);
      if (!/nest|deep/iu.test(result.text)) throw new Error(`not read: ${result.text}`);
      return late ?? ([400, 413].includes(result.status) ? null : `answered ${result.status}.`);
    },
  },
  {
    name: 'names that a spreadsheet would run, in the export of deliveries',
    who: 'author',
    async run({ author, receiver }) {
      const formulas = ['=1+1', '@sum(1)', '-2+3;=4', '"\t=5'];
      for (const name of formulas) {
        const { id: flowId } = await author.make<{ id: number }>('/v4/flows', { name });
        const task = { flowId, name, url: `${receiver.origin}/formula`, method: 'post' };
        await author.make('/v4/webhookFlowTasks', {
          ...task,
          triggerEvent: 'onJobDone',
          triggerObject: 'any',
        });
        const job = await author.make<{ id: number }>('/v4/jobGroups/external', { flow: { id: flowId } });
        await author.send('PATCH', `/v4/jobGroups/${job.id}/external`, { body: { status: 'Complete' } });
      }
      const { text } = await author.send('GET', '/v4/webhookDeliveries/export');
      if (!text.includes('1+1')) throw new Error(`the export does not hold the names: ${text.slice(0, 300)}`);
      const run = text.split(/[,;\t\r\n]/u).find((cell) => /^[\s"]*[=+\-@]/u.test(cell));
      return run === undefined ? null : `a cell begins as a formula: ${run}`;
    },
  },
  {
    name: 'reports of one person that are too large for everybody’s batch',
    who: 'author',
    async run({ author, other }) {
      const { id: large } = await author.make<{ id: number }>('/v4/flows', { name: 'large' });
      const body = `{"long":"${'x'.repeat(900_000)}"}`;
      for (let n = 0; n < 8; n += 1)
        await author.make('/v4/webhookFlowTasks', {
          flowId: large,
          name: `large ${n}`,
          method: 'post',
          url: 'https://receiver.example.com/',
          body,
          triggerEvent: 'onJobDone',
          triggerObject: 'any',
          retryOnFailure: false,
        });
      const { id: small } = await other.make<{ id: number }>('/v4/flows', { name: 'small' });
      const start = (person: typeof author, id: number) =>
        person.make<{ id: number }>('/v4/jobGroups/external', { flow: { id } });
      const jobs = [
        ...(await Promise.all(Array.from({ length: 12 }, () => start(author, large)))).map(
          (job) => [author, job] as const,
        ),
        ...(await Promise.all(Array.from({ length: 4 }, () => start(other, small)))).map(
          (job) => [other, job] as const,
        ),
      ];
      const ends = await Promise.all(
        jobs.map(async ([person, job]) => ({
          person,
          answer: await person.send('PATCH', `/v4/jobGroups/${job.id}/external`, {
            body: { status: 'Complete' },
          }),
        })),
      );
      const failed = ends.filter(({ person, answer }) => person === other && answer.status !== 200);
      return failed.length === 0 ? null : `${failed.length} of 4 reports of somebody else failed.`;
    },
  },
  // The last one: what its client no longer waits for goes on for a while, before that person's own next ones.
  {
    name: 'twelve slow previews while somebody else saves a recipe',
    who: 'author',
    async run({ other, author }) {
      const { id: flowId } = await other.make<{ id: number }>('/v4/flows', { name: 'slow' });
      const recipe = await other.make<{ id: number }>('/v4/wrangledDatasets', {
        name: 'slow',
        flow: { id: flowId },
        sql: slowSql,
      });
      const previews = Array.from({ length: 12 }, () =>
        other.send('GET', `/v4/wrangledDatasets/${recipe.id}/preview`).catch(() => null),
      );
      const { id } = await author.make<{ id: number }>('/v4/flows', { name: 'waits' });
      const began = performance.now();
      await author.make('/v4/wrangledDatasets', { name: 'quick', flow: { id }, sql: 'select 1 as a' });
      const waited = performance.now() - began;
      await Promise.all(previews);
      const whole = performance.now() - began;
      // One turn of a slow preview may stand before it, all twelve may not.
      return waited < Math.max(5000, whole / 3)
        ? null
        : `the save took ${Math.round(waited)} of ${Math.round(whole)} ms.`;
    },
  },
];
