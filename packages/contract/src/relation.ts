// Relations in a request come in two forms, `flowId: 7` or `flow: {id: 7}`; parsed, there is only the first.
import { z } from 'zod';
import { givenReference, id } from './convention.ts';

/** Both forms of a flow, to spread into a request; `takeFlow` makes one of them. */
export const flowForms = {
  flowId: id.optional().describe('The flow; `flow: {id}` does as well.'),
  flow: givenReference.optional().describe('The flow; `flowId` does as well.'),
};

/** What a recipe reads: a dataset or another recipe of the same flow. `takeInput` makes one form of it. */
export const inputForms = {
  importedDataset: givenReference.optional().describe('The dataset that is read.'),
  wrangledDataset: givenReference.optional().describe('The recipe whose rows are read.'),
};

/** What JSON Schema can say of the forms; the rest is said by the refusals below. */
export const flowIsGiven = { anyOf: [{ required: ['flowId'] }, { required: ['flow'] }] };
export const oneInput = { not: { required: ['importedDataset', 'wrangledDataset'] } };

export interface RecipeInput {
  readonly kind: 'dataset' | 'recipe';
  /** The id of the imported dataset, or of the recipe. */
  readonly id: number;
}

type Given = { readonly id: number } | undefined;
type FlowForms = { flowId?: number | undefined; flow?: Given };
type InputForms = { importedDataset?: Given; wrangledDataset?: Given };
type Context = z.core.$RefinementCtx;

/** Adds a fault in one field. */
export function refuse(context: Context, field: string, message: string): void {
  context.addIssue({ code: 'custom', path: [field], message });
}

/** `flowId` of either form; a fault where neither is given or the two differ. */
export function takeFlow<Body extends FlowForms>(body: Body, context: Context) {
  const taken = takeFlowIfGiven(body, context);
  if (taken.flowId === undefined) refuse(context, 'flowId', 'is needed: the id of the flow.');
  return { ...taken, flowId: taken.flowId ?? 0 };
}

/** `flowId` of either form, undefined where neither is given. */
export function takeFlowIfGiven<Body extends FlowForms>(body: Body, context: Context) {
  const { flow, flowId, ...rest } = body;
  if (flow && flowId !== undefined && flow.id !== flowId) {
    refuse(context, 'flowId', 'names another flow than `flow.id`: give one of them.');
  }
  return { ...rest, flowId: flowId ?? flow?.id };
}

/** `input` of either form, undefined where neither is given; a fault where both are. */
export function takeInput<Body extends InputForms>(body: Body, context: Context) {
  const { importedDataset, wrangledDataset, ...rest } = body;
  if (importedDataset && wrangledDataset) {
    refuse(context, 'importedDataset', 'stands beside `wrangledDataset`: give one of them as the input.');
  }
  return { ...rest, input: readInput(importedDataset, wrangledDataset) };
}

function readInput(dataset: Given, recipe: Given): RecipeInput | undefined {
  if (dataset) return { kind: 'dataset', id: dataset.id };
  return recipe && { kind: 'recipe', id: recipe.id };
}

/** Tasks that are disabled where what they run, or all that they watch, is deleted. */
export const stoppedTasks = {
  disabledWebhookFlowTasks: z
    .array(z.object({ id, name: z.string(), flow: z.object({ id }) }))
    .describe('Webhook tasks that are disabled: they run what is deleted, or watch nothing else.'),
  hiddenDisabledWebhookFlowTaskCount: z.int().describe('As many more, of flows that the caller may not see.'),
};
