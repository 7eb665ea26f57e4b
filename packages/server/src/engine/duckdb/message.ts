// Pure: what a child may say, form by form: it may have been taken over by the query that it runs.
import { datasetCompressions, datasetFormats } from '@flowhook/contract/flow/dataset-source';
import { z } from 'zod';
import type { Answer, Message, Request } from './protocol.ts';

const text = z.string();
const count = z.number().min(0);
const step = z.enum(['wrangle', 'filewriter', 'profile']);
const columns = z.array(z.object({ name: text, type: text }));
const nullableText = text.nullable();

const said = { message: text, hint: nullableText };
const sql = z.object({
  recipe: text,
  ...said,
  line: count.nullable(),
  column: count.nullable(),
  position: count.nullable(),
  length: count.nullable(),
});
const bad = z.object({
  dataset: text,
  file: nullableText,
  line: count.nullable(),
  column: nullableText,
  value: nullableText,
  type: nullableText,
});
const failure = z.discriminatedUnion('reason', [
  z.object({ reason: z.literal('sql_error'), ...said, sql }),
  z.object({ reason: z.literal('bad_value'), ...said, bad }),
  z.object({
    reason: z.enum(['input_missing', 'input_changed', 'input_unreadable']),
    ...said,
    dataset: text,
    file: nullableText,
  }),
  z.object({ reason: z.enum(['output_refused', 'output_failed']), ...said, fileId: nullableText }),
  z.object({
    reason: z.enum([
      'out_of_memory',
      'temp_space_full',
      'disk_full',
      'time_limit',
      'canceled',
      'crashed',
      'busy',
    ]),
    ...said,
  }),
]);
const refusal = z.object({ ok: z.literal(false), failure });
const ok = z.literal(true);

const check = z.object({ ok, columns, references: z.array(text) });
// A cell may be whatever JSON can be.
const preview = check.extend({
  rows: z.array(z.array(z.unknown())),
  truncated: z.boolean(),
  sample: z.object({ rows: count.nullable() }).nullable(),
  warnings: z.array(text),
});

const options = z.object({
  delimiter: text.optional(),
  quote: text.optional(),
  escape: text.optional(),
  header: z.boolean().optional(),
  encoding: text.optional(),
  skipLines: count.optional(),
  comment: text.optional(),
  thousandsSeparator: text.optional(),
  maxLineBytes: count.optional(),
  columnStarts: z.array(count).optional(),
  rowNames: z.boolean().optional(),
  trailingDelimiter: z.boolean().optional(),
  columnKeys: z.record(text, text).optional(),
  wholeValues: z.boolean().optional(),
  lineEnds: z.literal('mixed').optional(),
  nullValues: z.array(text).optional(),
  nullText: text.optional(),
  decimalSeparator: text.optional(),
  dateFormat: text.optional(),
  timestampFormat: text.optional(),
  columnTypes: z.record(text, text).optional(),
  fileColumns: z.record(text, text).optional(),
  required: z.array(text).optional(),
  sensitive: z.array(text).optional(),
  allowEmpty: z.boolean().optional(),
  onMismatch: z.enum(['fail', 'adapt', 'reject']).optional(),
  raggedRows: z.enum(['fail', 'pad', 'skip']).optional(),
  maxRejectedRows: count.optional(),
  maxRejectedPercent: count.optional(),
});
const inspect = z.object({
  ok,
  format: z.enum(datasetFormats),
  compression: z.enum(datasetCompressions),
  options,
  columns,
  assumptions: z.array(z.object({ option: text, text })),
  checked: z.array(text),
  lines: z.array(text).optional(),
});
const inspectRefusal = refusal.extend({ lines: z.array(text).optional() });

const steps = z.array(z.object({ step, startedAt: count, finishedAt: count }));
const profile = z.object({
  rows: count,
  columns: z.array(
    z.object({
      name: text,
      type: text,
      missing: count,
      empty: count.nullable(),
      distinct: count,
      distinctApproximate: z.boolean(),
      min: nullableText,
      max: nullableText,
      mean: z.number().nullable(),
      quantiles: z.object({ q05: text, q25: text, q50: text, q75: text, q95: text }).nullable(),
      top: z.array(z.object({ value: text, count })),
      topApproximate: z.boolean(),
    }),
  ),
});
const reject = z.object({
  dataset: text,
  file: text,
  line: count.nullable(),
  row: count.nullable(),
  column: nullableText,
  value: nullableText,
  reason: text,
});
const rejects = z.object({ rows: count, total: count, kept: z.array(reject) }).nullable();
const written = z.object({
  files: z.array(z.object({ id: text, path: text, bytes: count, rows: count })),
  rows: count,
  columns,
  read: z.object({ bytes: count, rows: count.nullable() }),
  profile: profile.nullable(),
  steps,
  warnings: z.array(text),
  rejects,
  widened: z.array(z.object({ dataset: text, columns })),
});
const write = z.union([z.object({ ok, written }), z.object({ ok: z.literal(false), failure, steps })]);

/** By what was asked. */
const answers: Readonly<Record<Request['kind'], z.ZodType>> = {
  check: z.union([check, refusal]),
  preview: z.union([preview, refusal]),
  inspect: z.union([inspect, inspectRefusal]),
  // Before it has begun to write it refuses as the others do.
  write: z.union([write, refusal]),
};
const progress = z.object({ step, percent: z.number().min(0).max(100).nullable(), rows: count.optional() });

/** Reads a line of a child that was asked `asked`, null for nothing yet; null where it may not say that. */
export function readMessage(line: string, asked: Request['kind'] | null): Message | null {
  const value = parse(line);
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
  if (asked === null) return value.kind === 'ready' ? { kind: 'ready' } : null;
  if (value.kind === 'progress' && asked === 'write') {
    const read = progress.safeParse('progress' in value ? value.progress : null);
    return read.success ? ({ kind: 'progress', progress: read.data } as Message) : null;
  }
  if (value.kind !== 'answer') return null;
  const read = answers[asked].safeParse('answer' in value ? value.answer : null);
  return read.success ? { kind: 'answer', answer: read.data as Answer } : null;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
