// The forms of the web interface as functions: what each makes of a thing that it shows, and of what is typed.
import { readOptions, writeOptions } from '../src/pages/flow/dataset/dataset-option.ts';
import type { Dataset, Output } from '../src/pages/flow/flow-part.ts';
import { readOutput, writeOutput } from '../src/pages/flow/write-setting-value.ts';
import * as flowValue from '../src/pages/flows/flow-value.ts';
import * as parameterValue from '../src/pages/parameter/parameter-value.ts';
import * as scheduleValue from '../src/pages/schedule/schedule-value.ts';
import {
  toChange,
  toCreate,
  toValues,
  type Row,
  type Task,
  type TaskValues,
} from '../src/pages/webhook-task/task-values.ts';
import type { Fields, ThingName } from '../../server/test/field-net/thing.ts';
import type { Shown } from '../../server/test/field-net/world.ts';

/** A thing as it is shown, what it was made of, and a bare one that shall become the same. */
export interface Typed {
  readonly shown: Shown;
  readonly given: Fields;
  readonly bare: Shown;
}

export interface Editor {
  /** Saves the thing as the form shows it. */
  save(shown: Shown): Fields;
  /** Types all that the form shows of one into the form of another. */
  typeOver(typed: Typed): Fields;
  /** Types it into the form of a new one. */
  typeNew?(typed: Typed, flowId: number): Fields;
}

const as = <Form>(shown: Shown) => shown as unknown as Form;
const asBody = (body: object) => body as Fields;

/** What is never shown is typed again. */
function typeTask({ shown, given }: Typed): TaskValues {
  const values = toValues(as<Task>(shown));
  const type = (rows: readonly Row[], texts: unknown) =>
    rows.map((row) => (row.stored ? { ...row, value: String((texts as Fields)[row.name]) } : row));
  return {
    ...values,
    ...(values.kind === 'request' && { url: given['url'] as string }),
    headers: type(values.headers, given['headers']),
    secrets: type(values.secrets, given['secrets']),
    secretKey: (given['secretKey'] as string | undefined) ?? '',
  };
}

function toDatasetBody(shown: Shown, before: Shown): Fields {
  const { options } = as<Dataset>(shown).given;
  return { options: writeOptions(readOptions(options), as<Dataset>(before).given.options) };
}

function toScheduleBody(shown: Shown, before: Shown): Fields {
  const given = as<scheduleValue.Schedule>(before);
  const values = scheduleValue.toValues(as<scheduleValue.Schedule>(shown));
  const { enabled, tasks } = given;
  return asBody(scheduleValue.toBody({ ...values, enabled, tasks }, given.flow.id));
}

/** A recipe has no form: its name, its SQL and its input are sent one by one; a write setting is part of its output's. */
export const editors: Partial<Record<ThingName, Editor>> = {
  flow: {
    save: (shown) => asBody(flowValue.toBody(flowValue.toValues(as<flowValue.NamedFlow>(shown)))),
    typeOver: ({ shown }) => editors.flow!.save(shown),
    typeNew: ({ shown }) => editors.flow!.save(shown),
  },
  parameter: {
    save: (shown) =>
      asBody(parameterValue.toBody(parameterValue.toValues(as<parameterValue.Parameter>(shown)))),
    typeOver: ({ shown }) => editors.parameter!.save(shown),
    typeNew: ({ shown }) => editors.parameter!.save(shown),
  },
  dataset: {
    save: (shown) => toDatasetBody(shown, shown),
    typeOver: ({ shown, bare }) => toDatasetBody(shown, bare),
  },
  output: {
    save: (shown) => asBody(writeOutput(readOutput(as<Output>(shown)))),
    typeOver: ({ shown }) => editors.output!.save(shown),
  },
  schedule: {
    save: (shown) => toScheduleBody(shown, shown),
    typeOver: ({ shown, bare }) => toScheduleBody(shown, bare),
    typeNew: ({ shown }, flowId) =>
      asBody(
        scheduleValue.toBody(
          { ...scheduleValue.toValues(as<scheduleValue.Schedule>(shown)), enabled: true, tasks: null },
          flowId,
        ),
      ),
  },
  task: {
    save: (shown) => asBody(toChange(toValues(as<Task>(shown)))),
    typeOver: (typed) => asBody(toChange(typeTask(typed))),
    typeNew: (typed, flowId) => asBody(toCreate(typeTask(typed), flowId)),
  },
};
