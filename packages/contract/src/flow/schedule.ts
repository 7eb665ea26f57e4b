// Schedules: when the scheduled outputs of a flow run by themselves.
import { z } from 'zod';
import {
  flag,
  id,
  idParams,
  idText,
  json,
  listOf,
  listQueryOf,
  objectQueryOf,
  reference,
  stamp,
  time,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import { readParameters, runParameters } from '../job/run-parameter.ts';

export const missedChoices = ['once', 'skip'] as const;
export const overlapChoices = ['skip', 'queue'] as const;
export const occurrenceStates = ['launched', 'waiting', 'skipped', 'missed', 'failed'] as const;

export const missed = z
  .enum(missedChoices)
  .describe('What happens to times at which no server ran: one run for all of them together, or none.');
export const overlap = z
  .enum(overlapChoices)
  .describe(
    'What happens to a time while the run before goes on: it is skipped, or one of them waits until that has ended.',
  );

export const scheduleName = z.string().trim().max(255);
export const triggerMembers = {
  expression: z
    .string()
    .max(200)
    .describe('Cron of 5 fields, or of 6 or 7 as Quartz has it: seconds first, Sunday is 1.'),
  timezone: z.string().max(100).describe('An IANA name; UTC unless given.'),
};

/** `timeZone` does as well as the original's `timezone`; `{expression, timeZone}` once parsed. */
const givenTrigger = z
  .object({
    timeBased: z.object({
      cron: z.object({ expression: triggerMembers.expression }),
      timezone: triggerMembers.timezone.optional(),
      timeZone: triggerMembers.timezone.optional().describe('The same as timezone.'),
    }),
  })
  .transform(({ timeBased: { cron, timezone, timeZone } }) => ({
    expression: cron.expression,
    timeZone: timezone ?? timeZone ?? 'UTC',
  }));

const givenTriggers = z.array(givenTrigger).min(1).max(10);

const givenTask = z.object({ runFlow: z.object({ flowId: id, runParameters }) });

const trigger = z.object({
  timeBased: z.object({ cron: z.object({ expression: z.string() }), timezone: z.string() }),
});

const task = z.object({
  runFlow: z.object({
    flowId: id,
    runParameters: z.object({
      overrides: z.object({ data: z.array(z.object({ key: z.string(), value: json })) }),
    }),
  }),
});

export const occurrence = z
  .looseObject({
    id,
    dueAt: time.describe('The time itself.'),
    state: z.enum(occurrenceStates),
    reason: z.string().nullable().describe('Why it was not launched: a word from a closed list.'),
    detail: z.string().nullable().describe('The same as a sentence, with what to do.'),
    passedOver: z.int().describe('Missed times that this one stands for too, up to 1,000.'),
    flowRun: reference.nullable(),
    createdAt: time.describe('When it was decided.'),
    updatedAt: time,
  })
  .meta({ id: 'ScheduleOccurrence', description: 'What came of one time of a schedule.' });

export const schedule = z
  .looseObject({
    id,
    name: z.string().nullable(),
    flow: reference,
    triggers: z.array(trigger),
    tasks: z.array(task),
    enabled: z.boolean(),
    disableReason: z.string().nullable().describe('Why the server disabled it; null where a person did.'),
    missed,
    overlap,
    nextAt: time.nullable().describe('The next time; null where it is disabled or none comes any more.'),
    waitingSince: time.nullable().describe('The time that waits for the run before to end.'),
    lastOccurrence: occurrence.nullable(),
    ...stamp,
  })
  .meta({ id: 'Schedule', description: 'When the scheduled outputs of a flow run by themselves.' });

/** Parsed: `{name, flowId, triggers: [{expression, timeZone}], enabled, missed, overlap, parameters}`. */
export const scheduleGiven = z
  .object({
    name: scheduleName.nullish(),
    triggers: givenTriggers,
    tasks: z.array(givenTask).min(1).max(1).describe('One: a schedule runs one flow.'),
    enabled: z.boolean().optional().describe('true unless given.'),
    missed: missed.optional().describe('once unless given.'),
    overlap: overlap.optional().describe('skip unless given.'),
  })
  .transform(({ name, tasks, enabled, missed, overlap, triggers }) => ({
    name: name === undefined || name === '' ? null : name,
    flowId: tasks[0]!.runFlow.flowId,
    triggers,
    enabled: enabled ?? true,
    missed: missed ?? ('once' as const),
    overlap: overlap ?? ('skip' as const),
    parameters: readParameters(tasks[0]!.runFlow.runParameters),
  }));

const count = z.coerce.number().int().min(1).max(100).optional().describe('10 unless given.');

const times = z.object({
  data: z.array(
    z.object({
      at: time,
      local: z
        .array(z.object({ timezone: z.string(), time: z.string() }))
        .describe('The clock of each time zone of the schedule then, with its distance from UTC.'),
    }),
  ),
});

export const occurrenceNames = { sort: ['id', 'dueAt'], filter: ['detail'], embed: [] } as const;
export const scheduleNames = {
  sort: ['id', 'name', 'createdAt', 'updatedAt', 'nextAt'],
  filter: ['name', 'flowName'],
  embed: ['flow', 'creator'],
} as const;
const tag = 'Schedules';
const single = { tag, params: idParams } as const;

export const scheduleEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/schedules',
    summary: 'List schedules',
    tag,
    access: 'viewer',
    query: listQueryOf(scheduleNames).extend({
      flowId: idText.optional().describe('The schedule of this flow.'),
      stopped: flag.optional().describe('Only those that the server disabled.'),
    }),
    reply: listOf(schedule),
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/schedules',
    summary: 'Give a flow its schedule',
    versionOf: 'schedule',
    tag,
    access: 'author',
    body: scheduleGiven,
    reply: schedule,
    problems: [404, 409],
  }),
  preview: defineEndpoint({
    method: 'POST',
    path: '/v4/schedules/times',
    summary: 'Compute the next times of triggers that are not saved',
    tag,
    access: 'viewer',
    readOnly: true,
    idempotent: false,
    status: 200,
    body: z.object({ triggers: givenTriggers, count: z.int().min(1).max(100).optional() }),
    reply: times,
  }),
  get: defineEndpoint({
    ...single,
    method: 'GET',
    path: '/v4/schedules/:id',
    summary: 'Read a schedule',
    versionOf: 'schedule',
    access: 'viewer',
    query: objectQueryOf(scheduleNames),
    reply: schedule,
  }),
  replace: defineEndpoint({
    ...single,
    method: 'PUT',
    path: '/v4/schedules/:id',
    summary: 'Put another content in the place of a schedule; its times count from now on',
    versionOf: 'schedule',
    access: 'author',
    body: scheduleGiven,
    reply: schedule,
  }),
  remove: defineEndpoint({
    ...single,
    method: 'DELETE',
    path: '/v4/schedules/:id',
    summary: 'Delete a schedule',
    versionOf: 'schedule',
    access: 'author',
    status: 204,
    reply: z.void(),
  }),
  enable: defineEndpoint({
    ...single,
    method: 'POST',
    path: '/v4/schedules/:id/enable',
    summary: 'Enable a schedule; its times count from now on',
    access: 'author',
    status: 200,
    idempotent: false,
    reply: schedule,
  }),
  disable: defineEndpoint({
    ...single,
    method: 'POST',
    path: '/v4/schedules/:id/disable',
    summary: 'Disable a schedule; a run that is under way goes on to its end',
    access: 'author',
    status: 200,
    idempotent: false,
    reply: schedule,
  }),
  times: defineEndpoint({
    ...single,
    method: 'GET',
    path: '/v4/schedules/:id/times',
    summary: 'Compute the next times of a schedule, also of a disabled one',
    access: 'viewer',
    query: z.object({ count }),
    reply: times,
  }),
  occurrences: defineEndpoint({
    ...single,
    method: 'GET',
    path: '/v4/schedules/:id/occurrences',
    summary: 'Read what came of the times of a schedule',
    access: 'viewer',
    query: listQueryOf(occurrenceNames).extend({ state: z.enum(occurrenceStates).optional() }),
    reply: listOf(occurrence),
  }),
};
