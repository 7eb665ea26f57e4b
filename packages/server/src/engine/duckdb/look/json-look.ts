// A JSON file looked at: where its rows are, what their keys are, and which type holds the values of each exactly.
import type { FileOptions, Format } from '../../dataset.ts';
import { nameColumns } from './csv-header.ts';
import type { Looked } from './csv-look.ts';
import { findEncoding } from './encoding.ts';
import { LookFault } from './fault.ts';
import { findForm, JsonSplitter, type RawValue } from './json-split.ts';
import { JsonType } from './json-type.ts';
import { parseJson } from './json-value.ts';
import { openText, type TextFile } from './text-file.ts';

/** All of a file of this size is looked at, so that a key that comes late is found. */
const maxCharacters = 64 * 2 ** 20;
/** A single value beyond this is not taken apart here. */
const maxParsed = 96 * 2 ** 20;
/** What the engine takes for one object unless told otherwise. */
export const usualObjectBytes = 16 * 2 ** 20;

export interface JsonLook {
  file: TextFile;
  head: Uint8Array;
  format: Format;
  set: FileOptions;
}

/** Throws `LookFault`. */
export async function lookAtJson({ file, head, format, set }: JsonLook): Promise<Looked> {
  const { start, pieces } = await openText(file, head);
  const splitter = new JsonSplitter(findForm(start, format));
  const found = await readRows(pieces, splitter, set);
  const encoding = findEncoding(head, set.encoding);
  const options: FileOptions = {
    ...(encoding !== 'utf-8' && { encoding }),
    ...(found.longest > usualObjectBytes / 4 && { maxLineBytes: Math.min(256 * 2 ** 20, 4 * found.longest) }),
  };
  const { root } = found;
  if (!root.isObject) return lookAtValues(root, options, found.rows);
  const keys = [...root.members.keys()];
  if (keys.length === 0)
    throw new LookFault('its objects have no keys', 'Give a file whose objects have at least one.');
  const names = nameColumns(keys);
  const renamed = names.flatMap((name, at) => (name === keys[at] ? [] : [[name, keys[at]!] as const]));
  return {
    options: { ...options, ...(renamed.length > 0 && { columnKeys: Object.fromEntries(renamed) }) },
    columns: names.map((name, at) => ({ name, type: root.members.get(keys[at]!)!.find() })),
    assumptions: [
      ...renamed.map(([name, key]) => ({
        option: 'columnKeys',
        text: `The column "${name}" holds the values of the key ${JSON.stringify(key)}, which can't be a column's name beside the others.`,
      })),
      ...(found.isCut
        ? [
            {
              option: 'columnTypes',
              text: 'Only the beginning of this large file was looked at: keys that come later are not among the columns.',
            },
          ]
        : []),
    ],
  };
}

/** Rows that are no objects have one column. */
function lookAtValues(root: JsonType, options: FileOptions, rows: number): Looked {
  if (rows === 0) throw new LookFault('it has no rows', 'Give a file with at least one object.');
  return {
    options: { ...options, wholeValues: true },
    columns: [{ name: 'json', type: root.find() }],
    assumptions: [
      {
        option: 'format',
        text: 'Its rows are no objects with keys: each is the value of the one column "json".',
      },
    ],
  };
}

interface FoundRows {
  root: JsonType;
  rows: number;
  longest: number;
  isCut: boolean;
}

async function readRows(
  pieces: AsyncGenerator<string>,
  splitter: JsonSplitter,
  set: FileOptions,
): Promise<FoundRows> {
  const found: FoundRows = { root: new JsonType(), rows: 0, longest: 0, isCut: false };
  const take = (values: readonly RawValue[]): void => {
    for (const value of values) {
      found.rows += 1;
      found.longest = Math.max(found.longest, value.text.length);
      found.root.see(parseValue(value));
    }
  };
  let characters = 0;
  const most = Math.max(maxCharacters, set.maxLineBytes ?? 0);
  for await (const piece of pieces) {
    take(splitter.push(piece, false));
    // Found here, not by reading it: 60 million brackets take a minute.
    if (splitter.depth > maxNesting) throw tooDeep(splitter.beginsOn);
    characters += piece.length;
    if (splitter.waiting > maxParsed) throw tooLarge();
    found.isCut = characters >= most && found.rows > 0;
    if (found.isCut) return found;
  }
  take(splitter.push('', true));
  if (!splitter.isClosed)
    throw new LookFault(
      'its JSON is cut off: it ends before what it began is closed',
      'Give the whole file.',
    );
  return found;
}

/** Levels of lists and objects: what is deeper ends the engine, which goes down by its own stack. */
const maxNesting = 500;

function parseValue({ text, line }: RawValue): unknown {
  const value = parseText({ text, line });
  if (isDeeper(value, maxNesting)) throw tooDeep(line);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1));
}

const tooDeep = (line: number): LookFault =>
  new LookFault(
    `the value that begins on line ${line} is nested deeper than ${maxNesting} levels`,
    'Give a file whose lists and objects are nested less deep.',
    line,
  );

function parseText({ text, line }: RawValue): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    // Thousands of levels are beyond the parser, too.
    if (error instanceof RangeError) throw tooDeep(line);
    const why =
      error instanceof Error ? error.message.replace(/ in JSON.*$/s, '').replace(/,? ?"[^]*$/, '') : '';
    throw new LookFault(
      `the value that begins on line ${line} is no JSON (${why.charAt(0).toLowerCase()}${why.slice(1)})`,
      'Correct that line: each row must be one whole JSON value.',
      line,
    );
  }
}

const tooLarge = (): LookFault =>
  new LookFault(
    `one of its objects is larger than ${maxParsed / 2 ** 20} MB`,
    'Write its rows one a line (JSON lines), or as the elements of one array.',
  );
