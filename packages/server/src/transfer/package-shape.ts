// The shape of a package's document: what is read of it, member by member; the names are the original's.
import { datasetOptions } from '@flowhook/contract/flow/dataset-option';
import { z } from 'zod';
import { datasetCompressions, datasetFormats } from '@flowhook/contract/flow/dataset-source';
import { describeIssues } from '@flowhook/contract/problem';
import { pathPattern } from '@flowhook/contract/flow/imported-dataset';
import { column } from '@flowhook/contract/rows';
import { parameterType } from '@flowhook/contract/job/run-parameter';
import { missedChoices, overlapChoices } from '@flowhook/contract/flow/schedule';
import { packedShape } from '@flowhook/contract/webhook/task-field';
import { invalidField, invalidFields, Problem } from '../base/error.ts';

const id = z.int().min(0);
const name = z.string().max(255);
const text = z.string().max(10_000).nullish();
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const flowNode = z.looseObject({
  id,
  scriptId: id,
  wrangled: z.boolean(),
  referenceId: id.nullish(),
});

const edge = z.looseObject({ inFlowNodeId: id, outFlowNodeId: id, primary: z.boolean().nullish() });

const recipe = z.looseObject({
  id,
  name: name.nullish(),
  description: text,
  steps: list(z.unknown()),
  sql: z.string().max(200_000).nullish(),
});

const given = z.looseObject({
  format: z.enum(datasetFormats).optional(),
  compression: z.enum(datasetCompressions).optional(),
  options: datasetOptions.optional(),
});

const datasource = z.looseObject({
  id,
  parsingScriptId: id.nullish(),
  description: text,
  path: z.string().max(4096).nullish(),
  type: z.string().max(100).nullish(),
  storageLocation: z
    .looseObject({ fullUri: z.string().max(4096).nullish(), path: z.string().max(4096).nullish() })
    .nullish(),
  relationalsource: z
    .looseObject({ tableName: z.string().max(1000).nullish(), relationalPath: list(z.string().max(1000)) })
    .nullish(),
  flowhook: z
    .looseObject({
      format: z.enum(datasetFormats),
      compression: z.enum(datasetCompressions),
      given,
      columns: z.array(column).max(10_000),
      pathPattern: pathPattern.nullish(),
    })
    .nullish(),
});

const writeSetting = z.looseObject({
  path: z.string().max(4096),
  action: z.string().max(100),
  format: z.string().max(100),
  compression: z.string().max(100).nullish(),
  header: z.boolean().nullish(),
  asSingleFile: z.boolean().nullish(),
  delim: z.string().max(10).nullish(),
  hasQuotes: z.boolean().nullish(),
  nullText: z.string().max(20).nullish(),
  suffix: z.string().max(255).nullish(),
});

const outputObject = z.looseObject({
  id,
  flowNodeId: id,
  isAdhoc: z.boolean().nullish(),
  execution: z.string().max(100).nullish(),
  profiler: z.boolean().nullish(),
  writesettings: list(writeSetting),
});

const nullableTexts = z.record(z.string().max(256), z.string().max(8192).nullable()).nullish();

const webhookTask = z.looseObject({
  id,
  ...packedShape,
  name,
  url: z.string().max(8192).nullable(),
  urlHost: z.string().max(255).nullish(),
  headers: nullableTexts,
  secretKey: z.string().max(1024).nullish(),
  secrets: nullableTexts,
  flownodes: list(z.looseObject({ id })),
  runWrangledDataset: z
    .union([z.looseObject({ flowNodeId: id }), z.looseObject({ flow: name, recipe: name })])
    .nullish(),
});

/** The original writes what a text holds below `variable`; other kinds are none that is known here. */
const runParameter = z.looseObject({
  type: z.string().max(100).nullish(),
  runParameterEdit: z.looseObject({
    overrideKey: z.string().max(255),
    value: z
      .looseObject({ variable: z.looseObject({ value: z.string().max(10_000).nullish() }).nullish() })
      .nullish(),
  }),
  flowhook: z.looseObject({ type: parameterType, description: z.string().max(1000).nullish() }).nullish(),
});

const schedule = z.looseObject({
  name: name.nullish(),
  triggers: z
    .array(
      z.looseObject({
        timeBased: z.looseObject({
          cron: z.looseObject({ expression: z.string().max(200) }),
          timezone: z.string().max(100),
        }),
      }),
    )
    .max(10),
  missed: z.enum(missedChoices),
  overlap: z.enum(overlapChoices),
  runParameters: z.array(z.looseObject({ key: z.string().max(255), value: z.json() })).max(200),
});

const flow = z.looseObject({
  id,
  name: name.min(1),
  description: text,
  flownodes: list(flowNode),
  flowedges: list(edge),
  recipes: list(recipe),
  outputobjects: list(outputObject),
  datasources: list(datasource),
  webhookflowtasks: list(webhookTask),
  runparameters: list(runParameter),
  schedules: list(schedule),
});

const document = z.looseObject({
  metadata: z
    .looseObject({ primaryFlowIds: list(id), trifactaVersion: z.string().max(100).nullish() })
    .nullish(),
  data: z.looseObject({ flows: z.array(flow).min(1) }),
});

export type PackedFlow = z.output<typeof flow>;
export type PackedParameter = z.output<typeof runParameter>;
export type PackedSchedule = z.output<typeof schedule>;
export type PackedTask = z.output<typeof webhookTask>;
export type PackedDatasource = z.output<typeof datasource>;
export type PackedSetting = z.output<typeof writeSetting>;
export type PackedDocument = z.output<typeof document>;

/** More than anybody drew into one flow; it bounds what a hostile package can cost. */
const maxOfList = 5000;
const maxFlows = 50;
const maxFaults = 50;

/** Throws `validation_failed` with the fields at fault, at most fifty. */
export function readPackedDocument(value: unknown, field: string): PackedDocument {
  refuseOlder(value, field);
  refuseMany(value, field);
  const parsed = document.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = describeIssues(parsed.error).slice(0, maxFaults);
  throw invalidFields(issues.map(({ field: path, detail }) => ({ field: path || field, detail })));
}

/** Packages before 6.8 have no `kind`, and keep everything in flat tables. */
function refuseOlder(value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidField(field, 'is no flow package: its document must be an object.');
  const { kind, type, metadata } = value as { kind?: unknown; type?: unknown; metadata?: unknown };
  const version = (metadata as { trifactaVersion?: unknown } | null | undefined)?.trifactaVersion;
  if (kind === undefined && typeof version === 'string') throw older(version.slice(0, 100), field);
  if (kind !== 'artifact' || (type !== undefined && type !== 'flow'))
    throw invalidField(field, 'is no flow package: its document needs type "flow" and kind "artifact".');
}

function older(version: string, field: string): Problem {
  const detail = `The package was exported by version ${version}; packages of version 6.8 and later can be read. Import it there, and export it again.`;
  return new Problem('validation_failed', detail, [{ field, detail: `is of version ${version}.` }], {
    version,
  });
}

/** Looked at before anything else walks the lists. */
function refuseMany(value: unknown, field: string): void {
  const { data } = value as { data?: { flows?: unknown } | null };
  const flows: unknown = data?.flows;
  if (!Array.isArray(flows)) return;
  if (flows.length > maxFlows) throw invalidField(field, `holds more than ${maxFlows} flows.`);
  for (const each of flows as unknown[])
    for (const [member, items] of Object.entries(each ?? {}))
      if (Array.isArray(items) && items.length > maxOfList)
        throw invalidField(`data.flows[].${member}`, `holds more than ${maxOfList} entries.`);
}

const readMembers = {
  flow: flow.shape,
  flownodes: flowNode.shape,
  flowedges: edge.shape,
  recipes: recipe.shape,
  datasources: datasource.shape,
  outputobjects: outputObject.shape,
  webhookflowtasks: webhookTask.shape,
  runparameters: runParameter.shape,
  schedules: schedule.shape,
} as const;

/** Members that carry nothing by themselves: it costs nobody anything that they are not kept. */
const empty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);

/** They say nothing that is not said elsewhere, or nothing about what can be run here. */
const silent = new Set(
  `settings active nextPortId inPortId outPortId id name bucket container host blobHost cpProject userinfo
  isSchematized isDynamic isConverted isDynamicOrConverted disableTypeInference hasStructuring flowgraphvertices
  convertedSource prefix`.split(/\s+/u),
);

/** Paths of members that hold something, and that are dropped: `data.flows[].notes`. */
export function listDropped({ data }: PackedDocument): string[] {
  const dropped = new Set<string>();
  const look = (part: object, known: object, path: string) => {
    for (const [member, value] of Object.entries(part))
      if (!Object.hasOwn(known, member) && !silent.has(member) && !empty(value))
        dropped.add(`${path}.${member}`);
  };
  for (const each of data.flows) {
    look(each, readMembers.flow, 'data.flows[]');
    for (const member of Object.keys(readMembers) as (keyof typeof readMembers)[]) {
      if (member === 'flow') continue;
      for (const part of each[member] as object[])
        look(part, readMembers[member], `data.flows[].${member}[]`);
    }
  }
  for (const member of ['artifacts', 'connections'])
    if (!empty(data[member] ?? null)) dropped.add(`data.${member}`);
  return [...dropped].toSorted().slice(0, 200);
}
