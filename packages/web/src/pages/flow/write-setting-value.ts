// Pure: an output with its files as a form has them, and back. Zstandard is one of the compressions there.
import type { z } from 'zod';
import type { outputObject, outputObjectChange } from '@flowhook/contract/flow/output-object';
import type { writeSetting, writeSettingGiven } from '@flowhook/contract/flow/write-setting';

type Setting = z.output<typeof writeSetting>;
type Given = z.input<typeof writeSettingGiven>;

export interface FileValues {
  readonly path: string;
  readonly action: Given['action'];
  readonly format: Given['format'];
  readonly compression: NonNullable<Given['compression']> | 'zstd';
  readonly header: boolean;
  readonly asSingleFile: boolean;
  readonly delim: string;
  readonly hasQuotes: boolean;
  readonly nullText: string;
}

export const newFile: FileValues = {
  path: '',
  action: 'overwrite',
  format: 'csv',
  compression: 'none',
  header: true,
  asSingleFile: true,
  delim: ',',
  hasQuotes: false,
  nullText: '',
};

export function readFile(setting: Setting): FileValues {
  const { path, action, format, compression, zstd, header, asSingleFile, delim, hasQuotes, nullText } =
    setting;
  return {
    path,
    action,
    format,
    compression: zstd ? 'zstd' : compression,
    header,
    asSingleFile,
    delim,
    hasQuotes,
    nullText,
  };
}

export function writeFile({ compression, ...rest }: FileValues): Given {
  const zstd = compression === 'zstd';
  return { ...rest, compression: zstd ? 'none' : compression, zstd };
}

export interface OutputValues extends Record<string, unknown> {
  readonly profiler: boolean;
  readonly writeSettings: readonly FileValues[];
}

export function readOutput({ profiler, writeSettings }: z.output<typeof outputObject>): OutputValues {
  return { profiler, writeSettings: writeSettings.data.map(readFile) };
}

export function writeOutput({ profiler, writeSettings }: OutputValues): z.input<typeof outputObjectChange> {
  return { profiler, writeSettings: writeSettings.map(writeFile) };
}
