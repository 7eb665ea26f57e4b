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
    truncated: z.boolean().describe('True where there are more rows.'),
    warnings: z
      .array(z.string())
      .optional()
      .describe('What is to be said of the inputs: new columns, types that had to widen.'),
  })
  .meta({ id: 'Preview' });

export const previewQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe('Rows to show, 100 unless given.'),
});
