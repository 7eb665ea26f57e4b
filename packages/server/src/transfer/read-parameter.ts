// Pure: parameters and the schedule of a packed flow; what means nothing here is dropped with the reason.
import { foldName } from '@flowhook/contract/flow/name';
import { findNameFault, readValue } from '../flows/parameter.ts';
import type { ParameterContent } from '../flows/parameter-store.ts';
import { findTriggerFault, isTooFrequent } from '../schedules/cron.ts';
import type { ScheduleContent } from '../schedules/schedule-store.ts';
import type { ImportReport } from './import-report.ts';
import type { PackedFlow, PackedParameter, PackedSchedule } from './package-shape.ts';

const maxParameters = 200;

export function readPackedParameters(
  { runparameters }: PackedFlow,
  path: string,
  report: ImportReport,
): ParameterContent[] {
  const kept: ParameterContent[] = [];
  for (const [index, packed] of runparameters.entries()) {
    const name = packed.runParameterEdit.overrideKey;
    const read = readParameter(packed, kept);
    if (typeof read !== 'string') kept.push(read);
    else
      report.dropped.push({
        kind: 'runparameters',
        path: `${path}.runparameters[${index}]`,
        name,
        reason: read,
      });
  }
  return kept;
}

/** The parameter, or why there is none. */
function readParameter(
  { runParameterEdit, flowhook }: PackedParameter,
  kept: readonly ParameterContent[],
): ParameterContent | string {
  const { overrideKey: name, value } = runParameterEdit;
  const type = flowhook?.type ?? 'text';
  const fault = findNameFault(name);
  if (fault !== null) return `Its name ${fault}`;
  if (kept.some((other) => foldName(other.name) === foldName(name)))
    return 'Another parameter has this name: letter case does not tell them apart.';
  if (kept.length >= maxParameters) return `A flow has at most ${maxParameters} parameters.`;
  const text = value?.variable?.value;
  if (text == null) return 'It has no text as its default: only such parameters are known here.';
  const read = readValue(type, text);
  if (!read.ok) return `Its default ${read.detail}`;
  return { name, type, defaultValue: read.text, description: flowhook?.description ?? null };
}

/** A flow has one schedule; `now` is epoch milliseconds: a trigger that never comes any more is none. */
export function readPackedSchedule(
  { schedules }: PackedFlow,
  path: string,
  now: number,
  report: ImportReport,
): ScheduleContent | null {
  const drop = (index: number, reason: string) =>
    report.dropped.push({
      kind: 'schedules',
      path: `${path}.schedules[${index}]`,
      name: schedules[index]!.name ?? null,
      reason,
    });
  for (const index of schedules.keys()) if (index > 0) drop(index, 'A flow has one schedule.');
  const [packed] = schedules;
  if (packed === undefined) return null;
  const content = toContent(packed);
  const fault = findScheduleFault(content, now);
  if (fault === null) {
    report.warnings.push('The schedule comes in switched off: look at it and enable it.');
    return content;
  }
  drop(0, fault);
  return null;
}

function toContent({ name, triggers, missed, overlap, runParameters }: PackedSchedule): ScheduleContent {
  return {
    name: name ?? null,
    triggers: triggers.map(({ timeBased: { cron, timezone } }) => ({
      expression: cron.expression,
      timeZone: timezone,
    })),
    missed,
    overlap,
    parameters: runParameters.map(({ key, value }) => ({ key, value })),
  };
}

function findScheduleFault({ triggers }: ScheduleContent, now: number): string | null {
  if (triggers.length === 0) return 'It has no trigger.';
  const fault = triggers.map((trigger) => findTriggerFault(trigger, now)).find((each) => each !== null);
  if (fault != null) return `Its ${fault.field === 'timeZone' ? 'time zone' : 'expression'} ${fault.detail}`;
  return isTooFrequent(triggers, now) ? 'Its times lie closer together than a minute.' : null;
}
