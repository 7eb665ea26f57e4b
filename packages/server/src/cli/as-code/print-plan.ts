// Pure: what would be done, as lines that people read; colours only where they are asked for.
import { writeStable, type Change, type FieldChange } from '../../transfer/document/document-plan.ts';
import type { CodePlan } from './code-plan.ts';
import { diffLines } from './text-diff.ts';
import type { FileFault } from './yaml-text.ts';

export type Paint = (color: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string;

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

export const plainPaint: Paint = (_, text) => text;
export const colorPaint: Paint = (color, text) => `\u001B[${codes[color]}m${text}\u001B[0m`;

const signs = { create: '+', change: '~', delete: '-' } as const;
const colors = { create: 'green', change: 'yellow', delete: 'red' } as const;
const kinds: Readonly<Record<Change['kind'], string>> = {
  flow: 'flow',
  parameter: 'parameter',
  dataset: 'dataset',
  recipe: 'recipe',
  output: 'output',
  task: 'webhook task',
  schedule: 'schedule',
};

/** The lines of one flow; empty where there is nothing to say. */
export function printPlan({ document, changes, notes }: CodePlan, paint: Paint): string[] {
  if (changes.length === 0 && notes.length === 0) return [];
  return [
    paint('bold', showText(document.name)),
    ...changes.flatMap((change) => printChange(change, paint)),
    ...notes.map((note) => `  ${paint('dim', `! ${showText(note)}`)}`),
    '',
  ];
}

function printChange({ kind, name, action, fields }: Change, paint: Paint): string[] {
  const title = kind === 'schedule' || kind === 'flow' ? kinds[kind] : `${kinds[kind]} ${showText(name)}`;
  const shown =
    action === 'create'
      ? fields.filter(({ field, after }) => field !== 'name' && isWorthShowing(after))
      : fields;
  return [
    `  ${paint(colors[action], `${signs[action]} ${title}`)}`,
    ...shown.flatMap((field) => printField(field, paint).map((line) => `      ${line}`)),
  ];
}

function isWorthShowing(value: unknown): boolean {
  return value !== null && value !== undefined && !['{}', '[]'].includes(JSON.stringify(value));
}

function printField({ field, before, after }: FieldChange, paint: Paint): string[] {
  const [old, now] = [toText(before), toText(after)];
  if (![old, now].some((text) => text?.includes('\n'))) {
    if (old === null) return [`${showText(field)}: ${paint('green', showText(now ?? 'none'))}`];
    return [
      `${showText(field)}: ${paint('red', showText(old))} → ${paint('green', showText(now ?? 'none'))}`,
    ];
  }
  const lines = diffLines(old ?? '', now ?? '').filter(
    ({ sign, text }) => old !== null || sign === '+' || text !== '',
  );
  return [
    `${showText(field)}:`,
    ...lines.map(({ sign, text }) => {
      const line = `  ${sign} ${showText(text)}`;
      return sign === '+' ? paint('green', line) : sign === '-' ? paint('red', line) : paint('dim', line);
    }),
  ];
}

function toText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : writeStable(value);
}

/** Control characters could move the cursor or change what stands above: they are shown as what they are. */
export function showText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, (character) =>
    character === '\t' ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** `sales/flow.yaml:12:5: recipes[0].sql: what is wrong` */
export function printFault({ file, line, column, field, detail }: FileFault): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  return showText(`${place}: ${field === null ? '' : `${field}: `}${detail}`);
}

export function countChanges(plans: readonly CodePlan[]): string {
  const all = plans.flatMap(({ changes }) => changes);
  const count = (action: Change['action']) => all.filter((change) => change.action === action).length;
  return `${count('create')} to make, ${count('change')} to change, ${count('delete')} to delete`;
}
