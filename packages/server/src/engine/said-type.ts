// Pure: the type that a person gave a column.
import type { FileOptions } from './dataset.ts';

/** Undefined where none was. The name may be that of something which every object has, as `constructor`. */
export function saidType({ columnTypes = {} }: FileOptions, name: string): string | undefined {
  return Object.hasOwn(columnTypes, name) ? columnTypes[name] : undefined;
}
