// Pure: whether the first record of a CSV holds names, and what the columns are called.
import { foldName } from '@flowhook/contract/flow/name';
import type { CsvRecord } from './csv-record.ts';
import { ColumnType, kindOf, type TypeRules } from './value-type.ts';

export interface HeaderGuess {
  header: boolean;
  /** Nothing but the words themselves speaks for it. */
  isGuess: boolean;
}

const maxRows = 1000;

/** Whether the first record holds the names of the columns. */
export function guessHeader(records: readonly CsvRecord[], rules: TypeRules): HeaderGuess {
  const [first, ...body] = records;
  if (first === undefined) return { header: false, isGuess: false };
  const names = first.fields;
  const kinds = names.map((name) => kindOf(name, rules));
  const shift = Math.max(0, (body[0]?.fields.length ?? 0) - names.length);
  const below = names.map((_, at) => kindBelow(body, at + (shift === 1 ? 1 : 0), rules));
  const differs = names.some(
    (name, at) => name.trim() !== '' && below[at] !== 'text' && below[at] !== null && kinds[at] === 'text',
  );
  if (differs) return { header: true, isGuess: false };
  const filled = names.filter((name) => name.trim() !== '');
  if (
    filled.length < names.length - 1 ||
    filled.length === 0 ||
    (names[0]!.trim() !== '' && filled.length < names.length)
  )
    return { header: false, isGuess: body.length > 0 };
  if (kinds.every((kind, at) => kind === 'text' || names[at] === '') && isDistinct(filled))
    return { header: true, isGuess: body.length > 0 };
  return { header: isYears(names, kinds, body), isGuess: true };
}

/** Years as names of columns: `country,2019,2020`. */
function isYears(names: readonly string[], kinds: readonly string[], body: readonly CsvRecord[]): boolean {
  const years = names.filter((_, at) => kinds[at] !== 'text').map(Number);
  const rise = years.every((year, at) => year >= 1800 && year <= 2200 && (at === 0 || year > years[at - 1]!));
  if (!rise || years.length < 2 || years.length === names.length) return false;
  return body.some(({ fields }) =>
    fields.some((value, at) => kinds[at] !== 'text' && value !== '' && !/^(1[89]|2[012])\d\d$/.test(value)),
  );
}

function kindBelow(body: readonly CsvRecord[], at: number, rules: TypeRules): string | null {
  const column = new ColumnType(rules);
  let seen = 0;
  for (const { fields } of body.slice(0, maxRows)) {
    const value = fields[at];
    if (value === undefined || value === '' || rules.nullValues.has(value)) continue;
    column.see(value);
    seen += 1;
  }
  return seen === 0 ? null : column.kind;
}

const isDistinct = (names: readonly string[]): boolean =>
  new Set(names.map((name) => foldName(name.trim()))).size === names.length;

/** Names of columns: none is empty, none twice as the engine compares them, none has a zero in it. */
export function nameColumns(given: readonly string[]): string[] {
  const width = String(Math.max(0, given.length - 1)).length;
  const taken = new Set<string>();
  // The next number of each name: a header of very many equal names would be counted through again for each.
  const next = new Map<string, number>();
  return given.map((raw, at) => {
    const clean = raw.replaceAll('\0', '').trim();
    const name = clean === '' ? `column${String(at).padStart(width, '0')}` : clean;
    const folded = foldName(name);
    let own = name;
    let count = next.get(folded) ?? 1;
    for (; taken.has(foldName(own)); count += 1) own = `${name}_${count}`;
    next.set(folded, count);
    taken.add(foldName(own));
    return own;
  });
}
