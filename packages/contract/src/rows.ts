// Rows as a preview shows them.
import { z } from 'zod';
import { json } from './convention.ts';

export const column = z
  .object({
    name: z.string(),
    type: z.string().describe('In DuckDB spelling: BIGINT, DECIMAL(18,3), VARCHAR ...'),
  })
  .meta({ id: 'Column' });

export const preview = z
  .object({
    columns: z.array(column),
    rows: z
      .array(z.array(json))
      .describe('Values in the order of the columns; text for what JSON numbers cannot hold.'),
    truncated: z.boolean().describe('True where there are, or may be, more rows.'),
    sample: z
      .object({
        rows: z
          .number()
          .int()
          .nullable()
          .describe('So many of the first rows of each dataset; null for the beginning of large files.'),
      })
      .nullable()
      .describe(
        'What was read where all of the data would take too long or too much memory: counts, sums and joins are of these rows alone. Null where all was read.',
      ),
    warnings: z
      .array(z.string())
      .optional()
      .describe('What is to be said: new columns, types that had to widen, rows that were not waited for.'),
  })
  .meta({ id: 'Preview' });

export const previewQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Rows to show, 100 unless given.'),
});
