// Pure: a flow's name and description as their form has them, and the request that is made of them.
export interface NamedFlow {
  readonly name: string;
  readonly description: string | null;
}

/** A type, not an interface: forms want an index signature. */
export type FlowValues = { readonly name: string; readonly description: string };

export function toValues({ name, description }: NamedFlow): FlowValues {
  return { name, description: description ?? '' };
}

export function toBody({ name, description }: FlowValues): NamedFlow {
  return { name, description: description.trim() === '' ? null : description };
}
