// Pure: complaints about SQL as other databases have it, about names and patterns: what is wrong, and how it is said here.
import { escapePattern } from '../quote.ts';
import type { Complaint } from '../task/complaint.ts';
import { functionWords, reservedWords, typeWords, valueWords } from './dialect-word.ts';

export interface Words {
  message: string;
  hint: string | null;
  /** UTF-16 offset where the engine named none; undefined to take the engine's. */
  at?: number;
}

export interface SqlContext {
  /** Null where it is not known which recipe is at fault. */
  sql: string | null;
  /** Names of columns that can be read. */
  columns: readonly string[];
}

/** Null where nothing better is known than what the engine says. */
export function explainForeign(complaint: Complaint, context: SqlContext): Words | null {
  const { sql } = context;
  const backtick = sql === null ? -1 : maskTexts(sql).indexOf('`');
  if (sql !== null && backtick >= 0) return explainBackticks(sql, backtick);
  if (complaint.kind === 'Parser') return sql === null ? null : explainSyntax(complaint, sql);
  return (
    explainExtension(complaint, sql) ??
    explainMissing(complaint) ??
    explainColumn(complaint, context) ??
    explainPattern(complaint, sql)
  );
}

/** Texts and comments give way to spaces, so that nothing in them is taken for SQL; places stay. */
const maskTexts = (sql: string): string =>
  sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, (text) =>
    text.replaceAll(/[^\n]/g, ' '),
  );

function explainBackticks(sql: string, at: number): Words {
  const name = /^`([^`\n]*)`/.exec(sql.slice(at))?.[1] ?? 'name';
  return {
    message: 'Names do not stand in backticks here.',
    hint: `Write them in double quotes, "${name}", or bare where they are plain words.`,
    at,
  };
}

function explainSyntax({ text }: Complaint, sql: string): Words | null {
  const plain = maskTexts(sql);
  const limit = /\blimit\s+(\S+?)\s*,\s*(\w+)/i.exec(plain);
  if (limit !== null)
    return {
      message: `LIMIT ${limit[1]}, ${limit[2]} is not understood here.`,
      hint: `Write LIMIT ${limit[2]} OFFSET ${limit[1]}.`,
      at: limit.index,
    };
  const top = /\bselect\s+(?:distinct\s+)?(top)\s*\(?\s*(\d+)/i.exec(plain);
  if (top !== null)
    return {
      message: 'TOP is not understood here.',
      hint: `Write LIMIT ${top[2]} at the end of the SELECT.`,
      at: top.index + top[0].toLowerCase().indexOf('top'),
    };
  if (/not implemented/i.test(text))
    return { message: 'This form of SQL is not understood here.', hint: 'Write it in another way.' };
  return explainReserved(text, plain);
}

/** A word of SQL where a name is meant: the one at which the parser stumbles, or the one before it. */
function explainReserved(text: string, plain: string): Words | null {
  const near = /^syntax error at or near "([\s\S]*)"$/.exec(text)?.[1];
  if (near === undefined) return null;
  const places = [...plain.matchAll(new RegExp(escapePattern(near), 'gi'))].map(({ index }) => index);
  for (const place of places) {
    const before = /(\w+)\s*$/.exec(plain.slice(0, place));
    const word = before?.[1] ?? '';
    const isName =
      reservedWords.has(word.toLowerCase()) &&
      !/^(as|and|or|not|in|on|with|distinct|all|where|null|true|false|end)$/i.test(word);
    if (isName && /^(,|from|\.|=|<|>|\))$/i.test(near) && !/^select$/i.test(word))
      return reserved(word, before!.index);
  }
  if (!reservedWords.has(near.toLowerCase()) || /^(from|select|where)$/i.test(near)) return null;
  return { message: `The SQL is not understood at or near "${near}".`, hint: reservedHint(near) };
}

const reserved = (word: string, at: number): Words => ({
  message: `The SQL is not understood at "${word}", which is a word of SQL.`,
  hint: reservedHint(word),
  at,
});

const reservedHint = (word: string): string =>
  `If ${word} is the name of a column, put it in double quotes: "${word}". Otherwise look at what stands there and just before.`;

/** What exists in a part of the engine that is not here: advice to install it would lead nowhere. */
function explainExtension({ text }: Complaint, sql: string | null): Words | null {
  const found =
    /^([\w ]*?)(Function|Type|Setting)?\s*with name "?([^"\s]+)"? is not in the catalog, but it exists in the/i.exec(
      text,
    );
  if (found === null) return null;
  const isType = found[2] === 'Type';
  const name = found[3]!;
  const known = (isType ? typeWords : functionWords).get(name.toLowerCase());
  const at =
    sql === null ? -1 : maskTexts(sql).search(new RegExp(`(?<!\\w)${escapePattern(name)}(?!\\w)`, 'i'));
  return {
    message: `There is no ${isType ? 'type' : 'function'} "${name}" here.`,
    hint: known ?? 'Write it with those that there are.',
    ...(at >= 0 && { at }),
  };
}

function explainMissing({ missing, name }: Complaint): Words | null {
  const key = (name ?? '').toLowerCase();
  if (missing?.includes('Function') === true) {
    const known = functionWords.get(key);
    return known === undefined ? null : { message: `There is no function "${name}" here.`, hint: known };
  }
  if (missing !== 'Type') return null;
  const usual =
    'Types are VARCHAR, BIGINT, INTEGER, DOUBLE, DECIMAL(18, 2), BOOLEAN, DATE, TIME, TIMESTAMP, JSON and more.';
  return { message: `There is no type "${name}" here.`, hint: typeWords.get(key) ?? usual };
}

const units = /^(year|quarter|month|week|day|hour|minute|second|dd|mm|yy|yyyy)s?$/i;

function explainColumn({ subtype, name, text, at }: Complaint, { sql, columns }: SqlContext): Words | null {
  if (subtype === 'COLUMN_NOT_FOUND' && name !== null) {
    const known = valueWords.get(name.toLowerCase());
    if (known !== undefined) return { message: `"${name}" is not known here.`, hint: known };
    const call =
      sql === null || at === null
        ? null
        : /(\w*date\w*|timestampdiff)\s*\(\s*$/i.exec(
            sql.slice(0, sql.search(new RegExp(`(?<=\\(\\s*)${escapePattern(name)}\\b`, 'i'))),
          );
    if (call !== null && call !== undefined && units.test(name))
      return {
        message: `There is no column "${name}" here.`,
        hint: `A unit of time stands in quotes: ${call[1]}('${name.toLowerCase()}', ...).`,
      };
    return null;
  }
  const own = /^(?:Table|Values list|Subquery|Index) "([^"]*)" does not have a column named "([^"]*)"/i.exec(
    text,
  );
  if (own === null) return null;
  const told = [...(text.split('Candidate bindings')[1] ?? '').matchAll(/"([^"]+)"/g)].map(
    ([, column]) => column!,
  );
  const near = findAlike(own[2]!, [...told, ...columns]);
  return {
    message: `"${own[1]}" has no column "${own[2]}".`,
    hint: near === null ? 'See the columns of the inputs in the preview.' : `Did you mean "${near}"?`,
  };
}

/** The name that differs least; null where none is near. */
function findAlike(name: string, names: readonly string[]): string | null {
  const most = Math.max(1, Math.floor(name.length / 2));
  const ranked = names.map((each) => [each, distance(name.toLowerCase(), each.toLowerCase())] as const);
  const best = ranked.reduce<readonly [string, number] | null>(
    (found, each) => (found === null || each[1] < found[1] ? each : found),
    null,
  );
  return best !== null && best[1] <= most ? best[0] : null;
}

/** How many letters have to be changed, added or taken away. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of one.split('').entries()) {
    const next = [at + 1];
    for (const [place, own] of other.split('').entries())
      next.push(Math.min(row[place + 1]! + 1, next[place]! + 1, row[place]! + (letter === own ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

const patternFaults: readonly (readonly [RegExp, string])[] = [
  [/^missing \): ([\s\S]*)$/, 'a parenthesis "(" is not closed'],
  [/^unexpected \): ([\s\S]*)$/, 'a parenthesis ")" closes nothing'],
  [/^missing \]: ([\s\S]*)$/, 'a bracket "[" is not closed'],
  [/^no argument for repetition operator: ([\s\S]*)$/, 'there is nothing to repeat before it'],
  [/^bad repetition operator: ([\s\S]*)$/, 'a repetition is repeated'],
  [/^invalid escape sequence: ([\s\S]*)$/, 'a backslash stands before a sign that it has no meaning for'],
  [/^trailing \\ at end of regexp(): ?([\s\S]*)$/, 'it ends in a backslash'],
  [
    /^invalid (?:perl operator|named capture group|group name): ([\s\S]*)$/,
    'this kind of group is not known: there is no looking ahead or behind',
  ],
  [/^invalid character class range: ([\s\S]*)$/, 'the range of signs is turned round'],
  [/^invalid UTF-8: ?([\s\S]*)$/, 'it is no text'],
  [/^(?:pattern too large|bad repetition)[^:]*: ?([\s\S]*)$/, 'it is too large'],
];

function explainPattern({ text }: Complaint, sql: string | null): Words | null {
  const [fault, why] = patternFaults.find(([form]) => form.test(text)) ?? [];
  if (fault === undefined || why === undefined) return null;
  const part = (fault.exec(text)?.at(-1) ?? '').trim();
  const place = sql === null || part === '' ? -1 : sql.search(new RegExp(`'[^']*${escapePattern(part)}`));
  return {
    message: `The regular expression is not understood${part === '' ? '' : ` at "${part}"`}: ${why}.`,
    hint: 'Mend the pattern; a sign that is meant as it stands has a backslash before it.',
    ...(place >= 0 && { at: place }),
  };
}
