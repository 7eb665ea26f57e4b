// Pure: what a recipe can read: a dataset or a recipe of its flow.
import { foldName } from '@flowhook/contract/flow/name';
import type { FlowGraphAnswer } from '../../../parts/graph/graph-layout.ts';

export interface RecipeInput {
  readonly kind: 'dataset' | 'recipe';
  readonly id: number;
  readonly name: string;
}

export function listInputs({ data }: FlowGraphAnswer): RecipeInput[] {
  return data.map(({ id, name, wrangled, importedDataset }) =>
    wrangled ? { kind: 'recipe', id, name } : { kind: 'dataset', id: importedDataset?.id ?? id, name },
  );
}

/** As a new recipe names it. */
export function writeInput({ kind, id }: Pick<RecipeInput, 'kind' | 'id'>) {
  return kind === 'dataset' ? { importedDataset: { id } } : { wrangledDataset: { id } };
}

/** A name in SQL; in quotes where it is no plain word. */
export function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/iu.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** A name that no other of the flow has. */
export function freeName(wanted: string, taken: readonly string[]): string {
  const used = new Set(taken.map(foldName));
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}_${count}`;
    if (!used.has(foldName(name))) return name;
  }
}
