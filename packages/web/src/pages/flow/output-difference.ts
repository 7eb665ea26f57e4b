// Pure: the settings of an output as people compare them when two have changed one output.
import type { FieldView } from '../../parts/form/conflict.ts';
import { outputText } from '../../text/graph.ts';
import { partText } from '../../text/part.ts';
import type { FileValues, OutputValues } from './write-setting-value.ts';

export const outputView: FieldView<OutputValues> = {
  labels: { profiler: outputText.profiler, writeSettings: outputText.files },
  show: (_, value) => (value as readonly FileValues[]).map(writeFile).join('\n\n'),
};

/** A line for each setting, so that those which differ stand out. */
function writeFile({ path, format, action, compression, delim, nullText, ...flags }: FileValues): string {
  const lines = [
    [outputText.path, path],
    [outputText.format, outputText.formats[format]],
    [outputText.action, outputText.actions[action]],
    [outputText.compression, outputText.compressions[compression]],
    ...(format === 'csv'
      ? [
          [outputText.delimiter, delim],
          [outputText.header, flags.header ? partText.yes : partText.no],
          [outputText.quotes, flags.hasQuotes ? partText.yes : partText.no],
          [outputText.nullText, nullText],
        ]
      : []),
    [outputText.single, flags.asSingleFile ? partText.yes : partText.no],
  ];
  return lines.map((line) => line.join(': ')).join('\n');
}
