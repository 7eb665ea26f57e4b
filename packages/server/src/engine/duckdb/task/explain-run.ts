// A complaint raised while rows flow, in words: which limit, which file, line, column and value, or which recipe.
import { keepsSecrets, type Dataset, type InputFile } from '../../dataset.ts';
import type { BadValue, Failure } from '../../failure.ts';
import { encodingHint } from '../look/fault.ts';
import type { Complaint } from './complaint.ts';

/** The complaint as a failure, or null where it is about SQL. `datasets` in the order that numbered the inputs. */
export function explainRun(complaint: Complaint, datasets: readonly Dataset[]): Failure | null {
  return explainLimit(complaint) ?? explainInput(complaint, datasets) ?? explainFault(complaint);
}

export const outOfMemory: Failure = {
  reason: 'out_of_memory',
  message: 'The run needs more memory than it may have.',
  hint: 'Read fewer rows or columns, group earlier, or ask the administrator for a higher memory limit.',
};

export const tempSpaceFull: Failure = {
  reason: 'temp_space_full',
  message: 'The run needs more temporary space than it may have.',
  hint: 'Look for a join that multiplies rows, filter earlier, or ask the administrator for more temporary space.',
};

export const diskFull: Failure = {
  reason: 'disk_full',
  message: 'The disk of the server is nearly full; the run was ended before it is.',
  hint: 'Ask the administrator to free space, or write less.',
};

function explainLimit({ kind, text }: Complaint): Failure | null {
  if (/No space left on device/i.test(text)) return diskFull;
  if (kind !== 'Out of Memory' && !/out of memory|bad_alloc/i.test(text)) return null;
  return /max_temp_directory_size/.test(text) ? tempSpaceFull : outOfMemory;
}

function explainFault({ kind, text }: Complaint): Failure | null {
  if (kind !== 'INTERNAL' && kind !== 'FATAL' && kind !== 'Internal' && kind !== 'Fatal') return null;
  return { reason: 'crashed', message: `The engine failed inside: ${text.split('\n')[0]}`, hint: null };
}

// Inputs are reached through links named after their place in the plan: in/<dataset>-<file>.
function findInput(text: string, datasets: readonly Dataset[]): { dataset: Dataset; file: InputFile } | null {
  const match = /\bin\/(\d+)-(\d+)\b/.exec(text);
  const dataset = datasets[Number(match?.[1])];
  const file = dataset?.files[Number(match?.[2])];
  return dataset === undefined || file === undefined ? null : { dataset, file };
}

function explainInput(complaint: Complaint, datasets: readonly Dataset[]): Failure | null {
  const input = findInput(complaint.text, datasets);
  if (input === null) return null;
  const where = { dataset: input.dataset.name, file: input.file.name };
  const tooLong = explainLength(complaint.text, where);
  if (tooLong !== null) return tooLong;
  const bad = readBadValue(complaint.text, where);
  if (bad !== null && keepsSecrets(input.dataset)) return hiddenFault(bad);
  if (bad !== null) return badValueFailure(bad, complaint.text);
  if (/No files found|Cannot open file/i.test(complaint.text)) return inputMissing(where.dataset, where.file);
  return unreadable(
    keepsSecrets(input.dataset)
      ? 'What is wrong with it is not told: it has sensitive columns.'
      : complaint.text,
    where,
  );
}

/** Which column it is can't be said for sure. */
function hiddenFault({ dataset, file, line, type }: BadValue): Failure {
  return {
    reason: 'bad_value',
    message: `In line ${line} of file "${file}" (dataset "${dataset}"): a value or the row does not fit. What it is is not told: the dataset has sensitive columns.`,
    hint: 'Look at that line of the file.',
    bad: { dataset, file, line, column: null, value: null, type },
  };
}

function explainLength(text: string, where: { dataset: string; file: string }): Failure | null {
  const what = /maximum_object_size/.test(text)
    ? 'a JSON object'
    : /Maximum line size/i.test(text)
      ? 'a line'
      : null;
  if (what === null) return null;
  return {
    reason: 'input_unreadable',
    message: `The file "${where.file}" of dataset "${where.dataset}" can't be read: ${what} in it is longer than is read.`,
    hint: "Set maxLineBytes in the dataset's options to the bytes of the longest one.",
    ...where,
  };
}

export const inputMissing = (dataset: string, file: string): Failure => ({
  reason: 'input_missing',
  message: `The file "${file}" of dataset "${dataset}" is not there or can't be opened.`,
  hint: 'Put the file back, or give the dataset a new file.',
  dataset,
  file,
});

const unreadable = (text: string, where: { dataset: string; file: string }): Failure => ({
  reason: 'input_unreadable',
  message: `The file "${where.file}" of dataset "${where.dataset}" can't be read: ${plainText(text)}`,
  hint: 'Check the file, and the format and options of the dataset; a new file can be put under the same dataset.',
  ...where,
});

/** The first line without our own link's name. */
const plainText = (text: string): string =>
  (text.split('\n')[0] ?? '').replaceAll(/['"]?\bin\/\d+-\d+['"]?/g, 'the file').slice(0, 500);

function readBadValue(text: string, where: { dataset: string; file: string }): BadValue | null {
  const line = /CSV Error on Line: (\d+)/.exec(text) ?? /in line (\d+)/.exec(text);
  if (line === null) return null;
  const csv = /Error when converting column "(.*)"\. Could not convert string "([\s\S]*?)" to '(.*)'/.exec(
    text,
  );
  const json = /Failed to cast value to \w+: "?(.*?)"?(\n|$)/.exec(text);
  return {
    ...where,
    line: Number(line[1]),
    column: csv?.[1] ?? null,
    value: csv?.[2] ?? json?.[1] ?? null,
    type: csv?.[3] ?? null,
  };
}

function badValueFailure(bad: BadValue, text: string): Failure {
  const where = `line ${bad.line} of file "${bad.file}" (dataset "${bad.dataset}")`;
  if (bad.column !== null)
    return {
      reason: 'bad_value',
      message: `The value "${cut(bad.value)}" in column "${bad.column}", ${where}, is not of type ${bad.type}.`,
      hint: `Set the type of "${bad.column}" in the dataset's options (VARCHAR takes every value), or correct the file.`,
      bad,
    };
  return { reason: 'bad_value', message: `In ${where}: ${rowFault(text, bad)}`, hint: rowHint(text), bad };
}

const cut = (value: string | null): string =>
  (value ?? '').length > 200 ? `${value?.slice(0, 200)}…` : (value ?? '');

function rowFault(text: string, bad: BadValue): string {
  const count = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  if (count !== null) return `the row has ${count[2]} values where ${count[1]} columns are expected.`;
  if (/unterminated quote/.test(text)) return 'a quoted value never ends.';
  if (/Invalid unicode|not utf-8/i.test(text))
    return 'the text is not in the encoding that the dataset names.';
  if (bad.value !== null) return `the value "${cut(bad.value)}" is not of its column's type.`;
  return plainText(text.replace(/^CSV Error on Line.*\n(Original Line.*\n)?/, ''));
}

function rowHint(text: string): string {
  if (/Invalid unicode|not utf-8/i.test(text)) return `In the dataset's options: ${encodingHint}`;
  if (text.startsWith('JSON'))
    return "Set the column's type in the dataset's options (VARCHAR or JSON takes every value), or correct the file.";
  return "Correct the file, or set delimiter, quote and skipLines in the dataset's options.";
}
