// Templates whose values grow without end, and bodies that are too large for everybody.
import type { Attack } from './attack.ts';
import { answersMeanwhile } from './meanwhile.ts';
import type { Person, World } from './world.ts';

/** Long values in `$facts`. */
const facts = Object.fromEntries(Array.from({ length: 15 }, (_, n) => [`fact${n}`, '"\u00e9 '.repeat(1000)]));
const growing = '$facts'.repeat(1365);

/** A job whose end carries the long facts. */
async function endJob(person: Person, flowId: number): Promise<number> {
  const { id } = await person.make<{ id: number }>('/v4/jobGroups/external', { flow: { id: flowId } });
  await person.send('PATCH', `/v4/jobGroups/${id}/external`, { body: { status: 'Complete', facts } });
  return id;
}

async function readOnlyToken(person: Person): Promise<string> {
  const { tokenValue } = await person.make<{ tokenValue: string }>('/v4/apiAccessTokens', {
    readOnly: true,
    lifetimeSeconds: 3600,
  });
  return tokenValue;
}

async function preview(world: World, task: object): Promise<string | null> {
  const jobGroupId = await endJob(world.author, world.flow.id);
  const token = await readOnlyToken(world.author);
  const { result, late } = await answersMeanwhile(world, () =>
    world.nobody.send('POST', '/v4/webhooks/preview', {
      headers: { authorization: `Bearer ${token}` },
      body: {
        flowId: world.flow.id,
        name: 'grows',
        method: 'get',
        url: `${world.receiver.origin}/x`,
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
        jobGroupId,
        ...task,
      },
    }),
  );
  if (late !== null) return late;
  if (result.status === 400) return null;
  return result.status === 200 && result.text.length < 200_000
    ? null
    : `answered ${result.status} with ${result.text.length} characters.`;
}

const manyHeaders = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`X-${n}`, growing]));

export const templateAttacks: readonly Attack[] = [
  {
    name: 'a preview whose 50 headers are full of long references',
    who: 'viewer',
    run: (world) => preview(world, { headers: manyHeaders }),
  },
  {
    name: 'a preview whose URL grows by its references',
    who: 'viewer',
    run: (world) => preview(world, { url: `${world.receiver.origin}/x?q=${growing}` }),
  },
  {
    name: 'a preview whose body grows by its references',
    who: 'viewer',
    run: (world) => preview(world, { method: 'post', body: growing.repeat(100) }),
  },
  {
    name: 'a task whose headers grow when a job ends',
    who: 'author',
    async run(world) {
      const { author, receiver } = world;
      const { id: flowId } = await author.make<{ id: number }>('/v4/flows', { name: 'grows' });
      await author.make('/v4/webhookFlowTasks', {
        flowId,
        name: 'grows',
        method: 'get',
        url: `${receiver.origin}/grown`,
        headers: manyHeaders,
        triggerEvent: 'onJobDone',
        triggerObject: 'any',
      });
      const { late } = await answersMeanwhile(world, async () =>
        waitForEnd(author, await endJob(author, flowId)),
      );
      return late;
    },
  },
];

/** Until the delivery of a job is over; a delivery that goes on being tried counts as over after its first attempt. */
async function waitForEnd(person: Person, jobId: number): Promise<void> {
  for (;;) {
    const { text } = await person.send('GET', `/v4/webhookDeliveries?jobGroupId=${jobId}`);
    const { data } = JSON.parse(text) as { data: { state: string; attemptCount: number }[] };
    if (data.length > 0 && data.every(({ state, attemptCount }) => attemptCount > 0 && state !== 'sending'))
      return;
    if (data.some(({ state }) => state === 'dead')) return;
  }
}
