// Pure: what is in a package, in words.
import type { z } from 'zod';
import type { packageImport } from '@flowhook/contract/flow/flow-transfer';
import { transferText as text } from '../../text/transfer.ts';

export type Report = z.output<typeof packageImport>;

const kinds = ['flows', 'recipes', 'datasources', 'outputobjects', 'webhookflowtasks'] as const;
/** So many names are read; more are counted. */
const maxNames = 12;

export interface Part {
  readonly kind: string;
  readonly count: string;
  /** Each with what is to be known of it. */
  readonly names: readonly string[];
  /** How many more there are. */
  readonly more: number;
}

/** A line for each kind of which there is something. */
export function countParts(report: Report): string[] {
  return kinds.filter((kind) => report[kind].length > 0).map((kind) => text.parts[kind](report[kind].length));
}

/** What there is of each kind, by name where it has one. */
export function listParts(report: Report): Part[] {
  const names: Readonly<Record<(typeof kinds)[number], readonly string[]>> = {
    flows: report.flows.map(({ name }) => name),
    recipes: report.recipes.map(({ name, runnable }) => note(name, !runnable && text.notRunnable)),
    datasources: report.datasources.map(({ name, waiting }) => note(name, waiting && text.waiting)),
    outputobjects: [],
    webhookflowtasks: report.webhookflowtasks.map(({ name, enabled }) =>
      note(name, !enabled && text.disabled),
    ),
  };
  return kinds
    .filter((kind) => report[kind].length > 0)
    .map((kind) => ({
      kind: text.kinds[kind]!,
      count: text.parts[kind](report[kind].length),
      names: names[kind].slice(0, maxNames),
      more: Math.max(0, names[kind].length - maxNames),
    }));
}

function note(name: string, about: string | false): string {
  return about === false ? name : `${name} (${about})`;
}
