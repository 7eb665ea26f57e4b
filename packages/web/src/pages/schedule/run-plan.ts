// Pure: what a schedule runs: the recipes of its flow with their scheduled outputs, and the outputs that saving makes.
import type { z } from 'zod';
import type { outputObjectCreate } from '@flowhook/contract/flow/output-object';
import type { FlowGraphAnswer } from '../../parts/graph/graph-layout.ts';
import type { Output } from '../flow/flow-part.ts';
import { readFile, writeFile } from '../flow/write-setting-value.ts';
import type { Run } from './schedule-value.ts';

/** Of a flow without a scheduled output those are ticked that are run by hand, and the last of a chain. */
export function listRuns(
  { data, edges }: FlowGraphAnswer,
  outputs: readonly Output[],
  { flowName, isNew }: { readonly flowName: string; readonly isNew: boolean },
): Run[] {
  const recipes = data.filter(({ wrangled }) => wrangled);
  const outputOf = (id: number, isAdhoc: boolean) =>
    outputs.find((output) => output.flowNodeId === id && output.isAdhoc === isAdhoc);
  const begins = isNew && outputs.every(({ isAdhoc }) => isAdhoc);
  return recipes.map(({ id, name }) => {
    const scheduled = outputOf(id, false);
    const isLast = !edges.some(({ inputFlowNode }) => inputFlowNode.id === id);
    const isUsual = outputs.length > 0 ? outputOf(id, true) !== undefined : isLast;
    const [file] = (scheduled ?? outputOf(id, true))?.writeSettings.data ?? [];
    return {
      recipeId: id,
      name,
      isTicked: null,
      begins: begins && isUsual,
      path: file?.path ?? `${toPart(flowName)}/${toPart(name)}.csv`,
    };
  });
}

/** The scheduled output of a recipe, where it has one already. */
export function findScheduled(run: Run, outputs: readonly Output[]): Output | undefined {
  return outputs.find(({ flowNodeId, isAdhoc }) => flowNodeId === run.recipeId && !isAdhoc);
}

/** Whether the schedule runs it, as the form stands and outputs are now. */
export function isRun(run: Run, outputs: readonly Output[]): boolean {
  return run.isTicked ?? (run.begins || findScheduled(run, outputs) !== undefined);
}

/** A part of a path, whatever a thing is called. */
function toPart(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}._ -]/gu, '_').replaceAll(/^[.\s]+|[.\s]+$/gu, '') || 'output';
}

/** The scheduled output of a recipe: as the one that is run by hand, with the path of the form. */
export function makeOutput(run: Run, outputs: readonly Output[]): z.input<typeof outputObjectCreate> {
  const adhoc = outputs.find(({ flowNodeId, isAdhoc }) => flowNodeId === run.recipeId && isAdhoc);
  const files = adhoc?.writeSettings.data.map((setting) => writeFile(readFile(setting))) ?? [];
  const path = run.path.trim();
  const [first] = files;
  const isSame = first?.path === path;
  const format = isSame ? first.format : formatOf(path);
  const usual = first === undefined ? { action: 'overwrite' as const } : first;
  const compression = isSame ? {} : { compression: 'none' as const, zstd: false };
  return {
    flowNodeId: run.recipeId,
    isAdhoc: false,
    profiler: adhoc?.profiler ?? true,
    writeSettings: [{ ...usual, path, format, ...compression }, ...files.slice(1)],
  };
}

function formatOf(path: string): 'csv' | 'json' | 'pqt' {
  if (/\.(?:parquet|pqt)$/iu.test(path)) return 'pqt';
  return /\.(?:json|ndjson|jsonl)$/iu.test(path) ? 'json' : 'csv';
}
