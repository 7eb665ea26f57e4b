// Pure: the columns of a CSV file with the type of each; the engine takes one format of dates for all of them.
import type { Column, FileOptions } from '../../dataset.ts';
import type { Assumption } from './csv-dialect.ts';
import type { ColumnType } from './value-type.ts';

export interface Seen {
  columns: Column[];
  formats: Pick<FileOptions, 'dateFormat' | 'timestampFormat'>;
  assumptions: Assumption[];
}

/** Names and types of the columns, and what they have in common. */
export function settleColumns(names: readonly string[], types: readonly ColumnType[]): Seen {
  const formats: Seen['formats'] = {};
  const assumptions: Assumption[] = [];
  const columns = names.map((name, at) => {
    const found = types[at]!.find();
    for (const key of ['dateFormat', 'timestampFormat'] as const) {
      const format = found[key];
      if (format === undefined) continue;
      formats[key] ??= format;
      // The engine takes one format for all columns.
      if (formats[key] !== format) {
        assumptions.push({
          option: key,
          text: `The column "${name}" has dates of the form ${format}, others have ${formats[key]}: it is kept as text.`,
        });
        return { name, type: 'VARCHAR' };
      }
    }
    if (found.note !== undefined)
      assumptions.push({ option: found.note.option, text: `The column "${name}" ${found.note.text}.` });
    return { name, type: found.type };
  });
  return { columns: unmix(columns, types, formats, assumptions), formats, assumptions };
}

/** Where one format is told to the engine, columns of the usual form can't be dates beside it. */
function unmix(
  columns: Column[],
  types: readonly ColumnType[],
  formats: Seen['formats'],
  assumptions: Assumption[],
): Column[] {
  return columns.map((column, at) => {
    const own = types[at]!.find();
    const isOther =
      (column.type === 'DATE' && formats.dateFormat !== undefined && own.dateFormat === undefined) ||
      (column.type.startsWith('TIMESTAMP') &&
        formats.timestampFormat !== undefined &&
        own.timestampFormat === undefined);
    if (!isOther) return column;
    const option = column.type === 'DATE' ? 'dateFormat' : 'timestampFormat';
    assumptions.push({
      option,
      text: `The column "${column.name}" has dates in another form than others have: it is kept as text.`,
    });
    return { name: column.name, type: 'VARCHAR' };
  });
}
