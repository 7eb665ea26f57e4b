// The things whose fields must survive every way, each with its forms, what is special about it, and how it is called.
import type { z } from 'zod';
import type { Endpoint } from '@flowhook/contract/endpoint';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowParameterEndpoints as parameters } from '@flowhook/contract/flow/flow-parameter';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { scheduleEndpoints as schedules } from '@flowhook/contract/flow/schedule';
import { webhookTaskEndpoints as tasks } from '@flowhook/contract/webhook/webhook-task';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import { listValues, type SpecialValues } from './schema-value.ts';
import {
  settleDataset,
  settleParameter,
  settleRecipe,
  settleTask,
  settleWriteSetting,
  without,
} from './cross-field.ts';

export type ThingName =
  | 'flow'
  | 'parameter'
  | 'dataset'
  | 'recipe'
  | 'output'
  | 'write setting'
  | 'schedule'
  | 'task';
export type Fields = Readonly<Record<string, unknown>>;

export interface Thing {
  readonly create: Endpoint;
  readonly change: Endpoint;
  /** What its fields are in an answer. */
  readonly shown: z.ZodType;
  readonly special: SpecialValues;
  /** Makes values that the schema allows one by one fit together. */
  settle?(fields: Fields, index: number): Fields;
  /** What has to be given at least. */
  readonly least: Fields;
  /** What of a form no change can bring about: it is given from the beginning. */
  readonly lasting?: readonly string[];
}

/** Another form of a field that is given already. */
const otherForm: readonly [] = [];
/** Words for ids, which are known only where the thing is made: `place` of a FieldWorld puts them in. */
const here = [{ id: 'here' }];

/** A task that sends a request does not become one that runs a job. */
const leastRun = {
  name: 'Bare',
  flow: { id: 'here' },
  triggerEvent: 'onJobDone',
  triggerObject: 'some',
  flowNodeIds: ['start'],
  runWrangledDataset: { id: 'elsewhere' },
};

export const secretUrl = 'https://hooks.example.com/services/T0?key=$jobId';
export const secretText = 'a-secret-of-these-tests';

export const things: Readonly<Record<ThingName, Thing>> = {
  flow: {
    create: flows.create,
    change: flows.change,
    shown: flows.get.reply,
    special: { name: ['Everything', 'Scheduled'], description: ['All fields, two\nlines.'] },
    least: { name: 'Bare' },
  },
  parameter: {
    create: parameters.create,
    change: parameters.change,
    shown: parameters.list.reply.shape.data.element,
    special: { name: ['region', 'least', 'share', 'whole', 'since', 'at'], defaultValue: ['1'] },
    settle: settleParameter,
    least: { name: 'bare', defaultValue: '' },
  },
  dataset: {
    create: datasets.create,
    change: datasets.change,
    shown: datasets.get.reply,
    special: {
      uri: ['numbers'],
      name: ['Numbers'],
      format: ['csv'],
      compression: ['gzip'],
      'pathPattern.files': ['newest'],
      'pathPattern.defaults': [{ place: 'north' }],
      'options.delimiter': [';'],
      'options.quote': ["'"],
      'options.escape': ['\\'],
      'options.header': [true],
      'options.encoding': ['latin-1'],
      'options.skipLines': [1],
      'options.comment': ['#'],
      'options.decimalSeparator': [','],
      'options.thousandsSeparator': ['.'],
      'options.raggedRows': ['pad'],
      'options.maxLineBytes': [4_000_000],
      'options.columnStarts': otherForm,
      'options.rowNames': [false],
      'options.trailingDelimiter': [false],
      'options.lineEnds': ['mixed'],
      'options.columnKeys': [{ a: 'A' }],
      'options.wholeValues': [false],
      'options.fileColumns': [{ source: 'name', written: 'time' }],
      'options.dateFormat': ['%d.%m.%Y'],
      'options.timestampFormat': ['%d.%m.%Y %H:%M'],
      'options.columnTypes': [{ a: 'BIGINT' }],
      'options.required': [['a']],
      'options.sensitive': [['b', 'a']],
    },
    settle: settleDataset,
    least: { uri: 'numbers' },
    lasting: ['uri', 'pathPattern'],
  },
  recipe: {
    create: recipes.create,
    change: recipes.change,
    shown: recipes.get.reply,
    special: {
      name: ['recipe'],
      flowId: otherForm,
      flow: here,
      importedDataset: [{ id: 'bare_numbers' }],
      wrangledDataset: [{ id: 'start' }],
      sql: ["select *, 'é' as letter\nfrom bare_numbers", 'select 1 as one'],
    },
    settle: settleRecipe,
    least: { name: 'bare', flow: { id: 'here' }, wrangledDataset: { id: 'start' } },
  },
  output: {
    create: outputs.create,
    change: outputs.change,
    shown: outputs.get.reply,
    special: {
      flowNodeId: otherForm,
      flowNode: here,
      get writeSettings() {
        return [{ data: listForms('write setting').map((form) => without(form, ['outputObject'])) }];
      },
      writesettings: otherForm,
    },
    least: { flowNode: { id: 'here' } },
    lasting: ['isAdhoc'],
  },
  'write setting': {
    create: settings.create,
    change: settings.change,
    shown: settings.get.reply,
    special: {
      path: ['a', 'b', 'c', 'd', 'e', 'f/g h.csv'],
      // What snappy is for stands beside snappy.
      format: ['json', 'pqt', 'csv'],
      delim: [';'],
      outputObjectId: otherForm,
      outputObject: here,
    },
    settle: settleWriteSetting,
    least: { path: 'bare.csv', action: 'overwrite', format: 'csv', outputObject: { id: 'here' } },
  },
  schedule: {
    create: schedules.create,
    change: schedules.replace,
    shown: schedules.get.reply,
    special: {
      name: ['Each morning'],
      // So seldom that none comes due between two looks.
      'triggers.timeBased.cron.expression': ['15 3 29 2 *', '0 20 4 29 2 ?'],
      'triggers.timeBased.timezone': ['Europe/Berlin', 'Asia/Tokyo'],
      'triggers.timeBased.timeZone': otherForm,
      'tasks.runFlow.flowId': ['here'],
      'tasks.runFlow.runParameters.overrides.data.key': ['region', 'least'],
      'tasks.runFlow.runParameters.overrides.data.value': ['south', 9],
      enabled: [false, true],
      missed: ['skip'],
      overlap: ['queue'],
    },
    least: {
      triggers: [{ timeBased: { cron: { expression: '@daily' } } }],
      tasks: [{ runFlow: { flowId: 'here' } }],
    },
  },
  task: {
    create: tasks.create,
    change: tasks.change,
    shown: tasks.get.reply,
    special: {
      name: ['Tell everybody'],
      url: [secretUrl, 'https://hooks.example.com/plain'],
      flowId: otherForm,
      flow: here,
      flowNodeIds: [['first', 'second']],
      runWrangledDataset: [{ id: 'second' }, { id: 'elsewhere' }],
      'condition.cron': ['15 3 * * *'],
      'condition.timezone': ['Europe/Berlin'],
      'condition.min': [3, null],
      'condition.max': [42, 17],
      body: ['{"job": $jobId,\n "key": "$secret.token"}'],
      headers: [{ 'X-Team': 'data', 'X-Plant': secretText, Authorization: `Bearer ${secretText}` }],
      secretHeaders: [['X-Plant']],
      secretKey: [`${secretText}-key`],
      secrets: [{ token: secretText }],
      missingSecrets: [],
    },
    settle: settleTask,
    least: {
      name: 'Bare',
      flow: { id: 'here' },
      url: 'https://hooks.example.com/bare',
      method: 'post',
      triggerEvent: 'onJobDone',
      triggerObject: 'any',
    },
  },
};

/** The least that a thing has to begin with to be changed to this form. */
export function leastOf(name: ThingName, fields: Fields): Fields {
  const { least, lasting = [] } = things[name];
  const kept = Object.entries(fields).filter(([member]) => lasting.includes(member));
  return { ...(fields['runWrangledDataset'] ? leastRun : least), ...Object.fromEntries(kept) };
}

/** Every form of a thing that its schema lets one make, fit to be sent once its place is known. */
export function listForms(name: ThingName): Fields[] {
  const thing = things[name];
  const forms = listValues(thing.create.body, '', thing.special) as Fields[];
  return forms.map((fields, index) => thing.settle?.(fields, index) ?? fields);
}
