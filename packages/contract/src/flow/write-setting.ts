// Write settings: one file that an output writes.
import { z } from 'zod';
import {
  countReply,
  id,
  idParams,
  idText,
  listOf,
  listQueryOf,
  objectQueryOf,
  reference,
  stamp,
} from '../convention.ts';
import { defineEndpoint } from '../endpoint.ts';
import type { fieldError } from '../problem.ts';
import { nullText } from './dataset-option.ts';

export const actions = ['create', 'overwrite', 'append'] as const;
export const writeCompressions = ['none', 'gzip', 'snappy'] as const;

interface FormatDefinition {
  /** `zstd` is asked for beside them. */
  readonly compressions: readonly (typeof writeCompressions)[number][];
  /** What the word stands for, where it does not say so itself. */
  readonly means: string | null;
  /** The compression is inside: the name of the file does not tell it. */
  readonly packsInside: boolean;
}

const formats = {
  csv: { compressions: ['none', 'gzip'], means: null, packsInside: false },
  json: { compressions: ['none', 'gzip'], means: 'one object a line', packsInside: false },
  pqt: { compressions: ['none', 'gzip', 'snappy'], means: 'Parquet', packsInside: true },
} as const satisfies Record<string, FormatDefinition>;

export type WriteFormat = keyof typeof formats;
export const writeFormats = Object.keys(formats) as [WriteFormat, ...WriteFormat[]];

export function writeFormat(format: WriteFormat): FormatDefinition {
  return formats[format];
}

const anyOf = new Intl.ListFormat('en-GB', { type: 'disjunction' });

const path = z
  .string()
  .trim()
  .min(1)
  .max(1000)
  .refine((text) => !/\p{Cc}/u.test(text), { message: 'must not hold control characters.' })
  .refine((text) => !text.split(/[/\\]/u).includes('..'), { message: 'must not hold `..`.' })
  .describe('Below the outputs folder, such as `sales/totals.csv`.');

const format = z.enum(writeFormats, {
  error: ({ input }) => refuseByName(input, ['avro', 'hyper'], anyOf.format(writeFormats)),
});
const compression = z.enum(writeCompressions, {
  error: ({ input }) =>
    input === 'zstd'
      ? 'is asked for by `zstd: true` with compression none.'
      : refuseByName(input, ['bzip2'], 'none, gzip or snappy'),
});

function refuseByName(input: unknown, names: readonly string[], instead: string): string | undefined {
  if (typeof input !== 'string' || !names.includes(input)) return undefined;
  return `${input} is not written by this server: choose ${instead}.`;
}

function describeFormats(say: (definition: FormatDefinition) => string | null): string {
  const said = writeFormats.flatMap((name) => {
    const words = say(formats[name]);
    return words === null ? [] : [`${name} ${words}`];
  });
  return `${said.join('; ')}.`;
}

const members = {
  path,
  action: z.enum(actions).describe('create keeps earlier results, under a new name.'),
  format: format.describe(describeFormats(({ means }) => means && `is ${means}`)),
  compression: compression.describe(describeFormats((each) => `takes ${anyOf.format(each.compressions)}`)),
  zstd: z.boolean().describe('Compress with Zstandard; compression is none then.'),
  header: z.boolean().describe('csv: the first row holds the names of the columns.'),
  asSingleFile: z.boolean().describe('One file instead of a folder with parts.'),
  delim: z.string().length(1).describe('csv: one character between values.'),
  hasQuotes: z.boolean().describe('csv: every text in quotes.'),
  nullText: nullText.describe(
    'csv: what stands for a missing value; the same text as a value is put in quotes.',
  ),
};

export const writeSetting = z
  .looseObject({ id, ...members, path: z.string(), outputObject: reference, ...stamp })
  .meta({ id: 'WriteSetting' });

/** A write setting inside an output or a launch; all members are there once it is parsed. */
export const writeSettingGiven = z
  .object({
    ...members,
    compression: compression.default('none'),
    zstd: z.boolean().default(false),
    header: z.boolean().default(true),
    asSingleFile: z.boolean().default(true),
    delim: members.delim.default(','),
    hasQuotes: z.boolean().default(false),
    nullText: members.nullText.default(''),
  })
  .superRefine(refuseFaults)
  .meta({ id: 'WriteSettingGiven' });

export type WriteSettingGiven = z.output<typeof writeSettingGiven>;

const outputForms = {
  outputObjectId: id.optional().describe('The output; `outputObject: {id}` does as well.'),
  outputObject: z.object({ id }).optional().describe('The output; `outputObjectId` does as well.'),
};

/** Parsed: as `writeSettingGiven` with `outputObjectId`. */
export const writeSettingCreate = z
  .object({ ...writeSettingGiven.shape, ...outputForms })
  .superRefine(refuseFaults)
  .transform(({ outputObject, outputObjectId, ...rest }, context) => {
    const given = outputObjectId ?? outputObject?.id;
    if (given !== undefined) return { ...rest, outputObjectId: given };
    context.addIssue({
      code: 'custom',
      path: ['outputObjectId'],
      message: 'is needed: the id of the output.',
    });
    return z.NEVER;
  });

export const writeSettingChange = z.object(members).partial();

interface Faulty {
  readonly format: WriteFormat;
  readonly compression: (typeof writeCompressions)[number];
  readonly zstd: boolean;
}

/** Which members of a whole setting do not fit together; also for a stored one after a change. */
export function findWriteSettingFaults(setting: Faulty): z.output<typeof fieldError>[] {
  const { format, compression, zstd } = setting;
  if (zstd && compression !== 'none') {
    return [{ field: 'compression', detail: 'must be none where `zstd` is true.' }];
  }
  const takes = (name: WriteFormat) => writeFormat(name).compressions.includes(compression);
  if (takes(format)) return [];
  const [possible, others] = [writeFormat(format).compressions, writeFormats.filter(takes)];
  const detail = `must be ${anyOf.format(possible)} for ${format}; ${compression} is for ${anyOf.format(others)}.`;
  return [{ field: 'compression', detail }];
}

function refuseFaults(setting: Faulty, context: z.core.$RefinementCtx): void {
  for (const { field, detail } of findWriteSettingFaults(setting)) {
    context.addIssue({ code: 'custom', path: [field], message: detail });
  }
}

/** `[...]` or `{data: [...]}`. */
export const writeSettingForms = z.union([
  z.array(writeSettingGiven).max(20),
  z.object({ data: z.array(writeSettingGiven).max(20) }),
]);

/** The same; parsed, a list. */
export const writeSettingList = writeSettingForms.transform((given) =>
  Array.isArray(given) ? given : given.data,
);

export const settingNames = {
  sort: ['id', 'path', 'createdAt', 'updatedAt'],
  filter: ['path', 'format'],
  embed: ['creator'],
} as const;
const tag = 'Outputs';
const settingListQuery = listQueryOf(settingNames).extend({
  outputObjectId: idText.optional().describe('Write settings of this output.'),
});

export const writeSettingEndpoints = {
  list: defineEndpoint({
    method: 'GET',
    path: '/v4/writeSettings',
    summary: 'List write settings',
    tag,
    access: 'viewer',
    query: settingListQuery,
    reply: listOf(writeSetting),
  }),
  count: defineEndpoint({
    method: 'GET',
    path: '/v4/writeSettings/count',
    summary: 'Count write settings',
    tag,
    access: 'viewer',
    query: settingListQuery,
    reply: countReply,
  }),
  create: defineEndpoint({
    method: 'POST',
    path: '/v4/writeSettings',
    summary: 'Add a file to an output',
    versionOf: 'writeSetting',
    tag,
    access: 'author',
    body: writeSettingCreate,
    reply: writeSetting,
    problems: [404, 409],
  }),
  get: defineEndpoint({
    method: 'GET',
    path: '/v4/writeSettings/:id',
    summary: 'Read a write setting',
    versionOf: 'writeSetting',
    tag,
    access: 'viewer',
    params: idParams,
    query: objectQueryOf(settingNames),
    reply: writeSetting,
  }),
  change: defineEndpoint({
    method: 'PATCH',
    path: '/v4/writeSettings/:id',
    summary: 'Change a write setting',
    versionOf: 'writeSetting',
    tag,
    access: 'author',
    params: idParams,
    body: writeSettingChange,
    reply: writeSetting,
    problems: [409],
  }),
  remove: defineEndpoint({
    method: 'DELETE',
    path: '/v4/writeSettings/:id',
    summary: 'Take a file from an output',
    versionOf: 'writeSetting',
    tag,
    access: 'author',
    params: idParams,
    status: 204,
    reply: z.void(),
  }),
};
