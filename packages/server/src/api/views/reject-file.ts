// Pure: the rows that a job left out, as a CSV file.
import type { JobRejects } from '../../jobs/job-rejects.ts';
import { disarm } from './csv.ts';

const names = ['dataset', 'file', 'line', 'row', 'column', 'value', 'reason'] as const;

/** A header and a line for each; nothing for null. */
export function writeRejects({ data }: JobRejects): string {
  const lines = data.map((reject) => names.map((name) => quoteCell(reject[name])).join(','));
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

function quoteCell(value: string | number | null): string {
  if (value === null) return '';
  return typeof value === 'number' ? String(value) : `"${disarm(value).replaceAll('"', '""')}"`;
}
