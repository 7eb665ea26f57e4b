// Pure: what is selected in a flow, as its address tells it: `?recipe=12`, `?dataset=3`, `?output=5`, `?panel=webhooks`.
import type { BoxKind } from '../../parts/graph/graph-layout.ts';

export type Selection =
  | { readonly kind: BoxKind; readonly id: number }
  | { readonly kind: 'webhooks' }
  | { readonly kind: 'nothing' };

type Texts = Readonly<Record<string, string | undefined>>;
const kinds = ['recipe', 'dataset', 'output'] as const;

export function readSelection(search: Texts): Selection {
  if (search['panel'] === 'webhooks') return { kind: 'webhooks' };
  for (const kind of kinds) {
    const id = Number(search[kind]);
    if (Number.isSafeInteger(id) && id > 0) return { kind, id };
  }
  return { kind: 'nothing' };
}

/** The members of the address; all others of these are taken away. */
export function writeSelection(selection: Selection): Record<string, string | number | undefined> {
  const none = {
    panel: undefined,
    task: undefined,
    recipe: undefined,
    dataset: undefined,
    output: undefined,
  };
  if (selection.kind === 'nothing') return none;
  if (selection.kind === 'webhooks') return { ...none, panel: 'webhooks' };
  return { ...none, [selection.kind]: selection.id };
}
