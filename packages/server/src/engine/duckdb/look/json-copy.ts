// Pure: the rows of a JSON file as JSON lines whose keys are the names of the columns.
import type { Column, Dataset } from '../../dataset.ts';
import { holdsType, readShape } from '../type-shape.ts';
import { findForm, JsonSplitter, splitMembers, type RawValue } from './json-split.ts';

const isDecimal = (type: string): boolean => /^(DECIMAL|NUMERIC)\b/iu.test(type);
const isJson = (type: string): boolean => type === 'JSON';

/** Whether it promises more digits than the engine's reader of JSON keeps. */
const isExact = ({ type }: Column): boolean => {
  const shape = readShape(type);
  return holdsType(shape, isDecimal) && !holdsType(shape, isJson);
};

export const hasExact = (schema: readonly Column[]): boolean => schema.some(isExact);

export function makeLineWriter(
  dataset: Dataset,
  start: string,
): { push: (piece: string, isEnd: boolean) => string } {
  const splitter = new JsonSplitter(findForm(start, dataset.format));
  const { wholeValues, columnKeys = {} } = dataset.options;
  const names = new Map(Object.entries(columnKeys).map(([name, key]) => [key, name]));
  const exact = new Set(dataset.schema.filter(isExact).map(({ name }) => name));
  const write = ({ text }: RawValue): string => {
    const line = text.replaceAll(/[\r\n]+/g, ' ');
    if (wholeValues === true) return `{"json":${line}}\n`;
    return `${names.size === 0 && exact.size === 0 ? line : rewrite(line, names, exact)}\n`;
  };
  return { push: (piece, isEnd) => splitter.push(piece, isEnd).map(write).join('') };
}

function rewrite(line: string, names: ReadonlyMap<string, string>, exact: ReadonlySet<string>): string {
  // What is no object is told by whoever reads it.
  if (!line.startsWith('{')) return line;
  const members = splitMembers(line).map(([key, value]) => {
    const name = names.get(key) ?? key;
    return `${JSON.stringify(name)}:${exact.has(name) ? quoteNumbers(value) : value}`;
  });
  return `{${members.join(',')}}`;
}

/** Texts keep their digits. */
const quoteNumbers = (value: string): string =>
  value.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
