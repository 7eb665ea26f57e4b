// Pure: the rows of a JSON file as JSON lines whose keys are the names of the columns.
import type { Dataset } from '../../dataset.ts';
import { findForm, JsonSplitter, splitMembers, type RawValue } from './json-split.ts';

export function makeLineWriter(
  dataset: Dataset,
  start: string,
): { push: (piece: string, isEnd: boolean) => string } {
  const splitter = new JsonSplitter(findForm(start, dataset.format));
  const { wholeValues, columnKeys = {} } = dataset.options;
  const names = new Map(Object.entries(columnKeys).map(([name, key]) => [key, name]));
  const write = ({ text }: RawValue): string => {
    const line = text.replaceAll(/[\r\n]+/g, ' ');
    if (wholeValues === true) return `{"json":${line}}\n`;
    return `${names.size === 0 ? line : rename(line, names)}\n`;
  };
  return { push: (piece, isEnd) => splitter.push(piece, isEnd).map(write).join('') };
}

function rename(line: string, names: ReadonlyMap<string, string>): string {
  const members = splitMembers(line).map(
    ([key, value]) => `${JSON.stringify(names.get(key) ?? key)}:${value}`,
  );
  return `{${members.join(',')}}`;
}
