// The state of a schedule's form: checked by the contract, saved with the outputs that it needs.
import { outputObjectEndpoints } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints, scheduleGiven } from '@flowhook/contract/flow/schedule';
import { useChange } from '../../api/query.ts';
import { viewerZone } from '../../parts/form/time-zone.ts';
import { useContractForm } from '../../parts/form/use-contract-form.ts';
import { notifyDone } from '../../parts/page/notice.ts';
import { scheduleText } from '../../text/schedule.ts';
import type { Output } from '../flow/flow-part.ts';
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
  return useContractForm({
    schema: scheduleGiven,
    initialValues: {
      ...(given === undefined ? newValues(viewerZone) : toValues(given)),
      runs,
    },
    fieldOf,
    draft: { name: `schedule.${flowId}`, restore: restoreDraft },
    toBody: (values) => toBody(values, flowId, given),
    check: ({ runs: ticked }) =>
      ticked.some((run) => isRun(run, outputs)) ? [] : [{ field: 'runs', detail: scheduleText.runsNothing }],
    submit: async (body, values) => {
      for (const run of values.runs)
        if (isRun(run, outputs) && findScheduled(run, outputs) === undefined)
          await addOutput.mutateAsync({ body: makeOutput(run, outputs) });
      if (given === undefined) await create.mutateAsync({ body });
      else await replace.mutateAsync({ params: { id: given.id }, body });
      for (const run of values.runs) {
        const output = findScheduled(run, outputs);
        if (!isRun(run, outputs) && output !== undefined)
          await removeOutput.mutateAsync({ params: { id: output.id } });
      }
      notifyDone(scheduleText.saved);
    },
  });
}

export type ScheduleForm = ReturnType<typeof useContractForm<ScheduleValues, typeof scheduleGiven>>;
