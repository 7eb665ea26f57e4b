// Pure: what code leaves to the server: what stands there alone stays, unless it is pruned.
import { foldName } from '@flowhook/contract/flow/name';
import type {
  DocumentDataset,
  DocumentRecipe,
  FlowDocument,
  FlowDocumentGiven,
} from '@flowhook/contract/flow/flow-document';
import { listItems } from '../../transfer/document/document-item.ts';

interface Named {
  readonly name: string;
}

const exact = (name: string) => name;

/** What a PUT has to say so that nothing goes that code does not name; with `prune` datasets alone stay. */
export function mergeDocument(
  stored: FlowDocument,
  wanted: FlowDocumentGiven,
  prune: boolean,
): FlowDocumentGiven {
  const extra = <Part extends Named>(
    parts: readonly Part[],
    own: readonly Named[],
    fold = foldName,
  ): Part[] => {
    const names = new Set(own.map(({ name }) => fold(name)));
    return prune ? [] : parts.filter(({ name }) => !names.has(fold(name)));
  };
  const { datasets: known } = stored;
  return {
    ...wanted,
    parameters: [...wanted.parameters, ...extra(stored.parameters, wanted.parameters)],
    datasets: [
      ...wanted.datasets.map((dataset) => leaveReading(known.find(isNamed(dataset)), dataset)),
      ...known.filter((dataset) => !wanted.datasets.some(isNamed(dataset))),
    ],
    recipes: [
      ...wanted.recipes.map((recipe) => leaveRecipe(stored.recipes.find(isNamed(recipe)), recipe, prune)),
      ...extra(stored.recipes, wanted.recipes),
    ],
    webhookTasks: [...wanted.webhookTasks, ...extra(stored.webhookTasks, wanted.webhookTasks, exact)],
    schedule: wanted.schedule ?? (prune ? null : stored.schedule),
  };
}

function isNamed({ name }: Named): (other: Named) => boolean {
  return (other) => foldName(other.name) === foldName(name);
}

/** What code does not say of how a file is read stays. */
function leaveReading(stored: DocumentDataset | undefined, dataset: DocumentDataset): DocumentDataset {
  const { format, compression } = dataset;
  return {
    ...dataset,
    format: format ?? stored?.format ?? null,
    compression: compression ?? stored?.compression ?? null,
  };
}

function leaveRecipe(
  stored: DocumentRecipe | undefined,
  recipe: DocumentRecipe,
  prune: boolean,
): DocumentRecipe {
  if (stored === undefined) return recipe;
  const { adhoc, scheduled } = recipe.outputs;
  const outputs = { adhoc: adhoc ?? stored.outputs.adhoc, scheduled: scheduled ?? stored.outputs.scheduled };
  return { ...recipe, input: recipe.input ?? stored.input, outputs: prune ? recipe.outputs : outputs };
}

/** What stands at the server alone, in words; datasets are shared, and nobody's business here. */
export function noteExtra(stored: FlowDocument, wanted: FlowDocumentGiven): string[] {
  const word = () => '';
  const own = listItems(wanted, word);
  return listItems(stored, word)
    .filter(
      ({ kind, key }) => kind !== 'dataset' && !own.some((item) => item.kind === kind && item.key === key),
    )
    .map(({ kind, name }) => `${kind} ${name} is at the server alone and stays: --prune deletes it.`);
}
