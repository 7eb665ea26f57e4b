// The state of a schedule's form: checked by the contract, saved with the outputs that it needs.
import { useRef } from 'react';
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints, scheduleGiven } from '@flowhook/contract/flow/schedule';
import { call } from '../../api/call.ts';
import { useChange } from '../../api/query.ts';
import { stampOf, versionOf } from '../../api/version.ts';
import { viewerZone } from '../../parts/form/time-zone.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { notifyDone } from '../../parts/page/notice.ts';
import { scheduleText } from '../../text/schedule.ts';
import type { Output } from '../flow/flow-part.ts';
import { scheduleView } from './schedule-difference.ts';
import { findScheduled, isRun, makeOutput } from './run-plan.ts';
import {
  newValues,
  restoreDraft,
  toBody,
  toValues,
  type Run,
  type Schedule,
  type ScheduleValues,
} from './schedule-value.ts';

export interface ScheduleFormOptions {
  readonly flowId: number;
  readonly schedule: Schedule | undefined;
  readonly runs: readonly Run[];
  readonly outputs: readonly Output[];
}

export const maxTriggers = 10;

/** Faults come with the contract's names of fields. */
const fieldOf = Object.fromEntries(
  Array.from({ length: maxTriggers }, (_, row) => row).flatMap((row) => [
    [`triggers[${row}].timeBased.cron.expression`, `triggers[${row}].expression`],
    [`triggers[${row}].timeBased.timezone`, `triggers[${row}].timezone`],
  ]),
);

/** Outputs that are needed are made before the schedule, those that are not any more go after it. */
export function useScheduleForm({ flowId, schedule: given, runs, outputs }: ScheduleFormOptions) {
  const refreshes = ['/v4/flows', '/v4/outputObjects', '/v4/schedules'];
  const create = useChange(scheduleEndpoints.create, { refreshes });
  const replace = useChange(scheduleEndpoints.replace, { refreshes });
  const addOutput = useChange(outputObjectEndpoints.create, { refreshes });
  const removeOutput = useChange(outputObjectEndpoints.remove, { refreshes });
  /** Where the schedule was refused after it: `outputs` may not have been read again before it is sent once more. */
  const made = useRef(new Set<number>());
  return useContractForm({
    schema: scheduleGiven,
    initialValues: {
      ...(given === undefined ? newValues(viewerZone) : toValues(given)),
      runs,
    },
    fieldOf,
    draft: { name: `schedule.${flowId}`, restore: restoreDraft },
    toBody: (values) => toBody(values, flowId),
    thing: given && {
      ...scheduleView,
      flowId,
      version: versionOf(given),
      // A schedule is put whole.
      pick: (_, after) => after,
      read: () => readAgain(given.id, runs),
    },
    check: ({ runs: ticked }) =>
      ticked.some((run) => isRun(run, outputs)) ? [] : [{ field: 'runs', detail: scheduleText.runsNothing }],
    submit: async (body, values, held) => {
      for (const run of values.runs)
        if (
          isRun(run, outputs) &&
          findScheduled(run, outputs) === undefined &&
          !made.current.has(run.recipeId)
        ) {
          await addOutput.mutateAsync({ body: makeOutput(run, outputs) });
          made.current.add(run.recipeId);
        }
      const saved =
        given === undefined
          ? await create.mutateAsync({ body })
          : await replace.mutateAsync({ params: { id: given.id }, body, ...held });
      for (const run of values.runs) {
        const output = findScheduled(run, outputs);
        if (!isRun(run, outputs) && output !== undefined)
          await removeOutput.mutateAsync({ params: { id: output.id } });
      }
      made.current.clear();
      notifyDone(scheduleText.saved);
      return saved;
    },
  });
}

async function readAgain(id: number, runs: readonly Run[]) {
  const schedule = await call(scheduleEndpoints.get, { params: { id } });
  return { values: { ...toValues(schedule), runs }, ...stampOf(schedule) };
}

export type ScheduleForm = ReturnType<typeof useContractForm<ScheduleValues, typeof scheduleGiven>>;
