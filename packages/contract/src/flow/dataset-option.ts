// How the files of a dataset are read: what a person may say, and what is found.
import { z } from 'zod';

/** Those that a form offers; every name of the WHATWG Encoding standard is known. */
export const encodings = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'iso-8859-2',
  'iso-8859-15',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gb18030',
  'big5',
  'euc-kr',
] as const;

/** Signs that can stand between the values of a line. */
const sign = z.string().refine((text) => !/[\0\r\n\p{Surrogate}]/u.test(text), {
  message: 'must hold no line end, no NUL and no half of a character.',
});
const characterOrNone = sign.max(1);

/** What stands for a missing value in a file of CSV. */
export const nullText = z
  .string()
  .max(20)
  .refine((text) => !/["',;|\p{Cc}\p{Surrogate}]/u.test(text), {
    message: 'must not hold quotes, separators or control characters.',
  });

const synonyms = ['utf-16', 'latin-1'];

function isEncoding(name: string): boolean {
  if (synonyms.includes(name.toLowerCase())) return true;
  try {
    return new TextDecoder(name).encoding !== 'x-user-defined';
  } catch {
    return false;
  }
}

/** How to read the files; what is not given is found. */
export const datasetOptions = z
  .object({
    delimiter: sign.min(1).max(10).optional().describe('One character, or several.'),
    quote: characterOrNone.optional().describe('One character, or empty for none.'),
    escape: characterOrNone.optional().describe('One character, or empty for none.'),
    header: z.boolean().optional().describe('True where the first row holds the names of the columns.'),
    encoding: z
      .string()
      .max(40)
      .refine(isEncoding, {
        message: 'must be a name of the WHATWG Encoding standard, such as windows-1252.',
      })
      .optional()
      .describe(
        'A name of the WHATWG Encoding standard: `windows-1252`, `shift_jis`, `koi8-r`. Found by a mark.',
      ),
    skipLines: z.int().min(0).max(10_000).optional().describe('Lines before the header that are no data.'),
    nullValues: z.array(sign.max(100)).max(20).optional().describe('Texts that mean "missing".'),
    nullText: nullText
      .optional()
      .describe(
        'What stands, without quotes, for a missing value instead of nothing: an empty field of a text is an empty text then.',
      ),
    comment: characterOrNone
      .optional()
      .describe('What begins a line that is no data: one character, or empty for none.'),
    decimalSeparator: z.enum(['.', ',']).optional(),
    thousandsSeparator: z
      .enum([',', '.', "'", ' ', '\u00a0', '\u202f', '_'])
      .optional()
      .describe('What stands between thousands, as in 1,234.'),
    raggedRows: z
      .enum(['fail', 'pad', 'skip'])
      .optional()
      .describe(
        'What a row does with fewer or more values than columns: the job fails (usual), short rows are padded, or the row is rejected.',
      ),
    onMismatch: z
      .enum(['fail', 'adapt', 'reject'])
      .optional()
      .describe(
        'What a value does that is not of its type: the job fails (usual), the type widens, or the row is rejected.',
      ),
    maxRejectedRows: z.int().min(0).optional().describe('The job fails where more rows are rejected.'),
    maxRejectedPercent: z.number().min(0).max(100).optional().describe('The same in per cent of all rows.'),
    required: z
      .array(z.string().max(300))
      .max(2000)
      .optional()
      .describe('Columns that are never missing a value.'),
    sensitive: z
      .array(z.string().max(300))
      .max(2000)
      .optional()
      .describe('Columns whose values are masked in errors, messages, webhooks and lists of rejected rows.'),
    allowEmpty: z
      .boolean()
      .optional()
      .describe('True where a file of 0 bytes is one without rows, no fault.'),
    maxLineBytes: z
      .int()
      .min(1000)
      .max(256 * 2 ** 20)
      .optional()
      .describe('Bytes of the longest line, or JSON object; 2 MiB, or 16 MiB of JSON, unless given.'),
    columnStarts: z
      .array(z.int().min(1).max(1_000_000))
      .min(1)
      .max(10_000)
      .refine((starts) => starts.every((start, at) => at === 0 || start > starts[at - 1]!), {
        message: 'must rise from column to column.',
      })
      .optional()
      .describe('Lines of fixed width: the place of the first character of each column, from 1 on.'),
    rowNames: z
      .boolean()
      .optional()
      .describe('True where the header has no name for the first column, as R writes tables.'),
    trailingDelimiter: z
      .boolean()
      .optional()
      .describe('True where rows end in a delimiter that the header has not.'),
    lineEnds: z.literal('mixed').optional().describe('Found where lines end in more than one way.'),
    columnKeys: z
      .record(z.string().max(300), z.string().max(10_000))
      .optional()
      .describe('Found in JSON: the key of each column that has another name than its key.'),
    wholeValues: z
      .boolean()
      .optional()
      .describe('Found in JSON: rows are no objects; each is the value of the one column.'),
    dateFormat: z.string().min(1).max(100).optional().describe('strptime form, such as `%d.%m.%Y`.'),
    timestampFormat: z.string().min(1).max(100).optional().describe('strptime form.'),
    fileColumns: z
      .record(
        z.string().min(1).max(300),
        z
          .string()
          .max(300)
          .regex(/^(name|time|part:[1-9]\d?|folder:[^/]+)$/u, {
            error: 'must be name, time, part:1 (the first star of the path), or folder:key.',
          }),
      )
      .refine((columns) => Object.keys(columns).length <= 50, { message: 'takes at most 50 columns.' })
      .optional()
      .describe(
        'Columns beside those in the files, by name: `name` or `time` of the file, `part:1` for what the first `*` of its path stands for, `folder:year` for a folder `year=2026`.',
      ),
    columnTypes: z
      .record(z.string().max(300), z.string().min(1).max(200))
      .refine((types) => Object.keys(types).length <= 2000, { message: 'takes at most 2000 columns.' })
      .optional()
      .describe('Types by column name, in DuckDB spelling; the name `*` stands for all columns.'),
  })
  .meta({ id: 'DatasetOptions' });

/** The same as a caller gives it: an option that there is not is refused by its name. */
export const givenOptions = z.strictObject(datasetOptions.shape).meta({ id: 'GivenDatasetOptions' });
