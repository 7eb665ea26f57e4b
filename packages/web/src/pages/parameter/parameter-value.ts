// Pure: a parameter of a flow as its form has it, and the request that is made of it.
import type { z } from 'zod';
import type { flowParameter } from '@flowhook/contract/flow/flow-parameter';

export type Parameter = z.output<typeof flowParameter>;
/** A type, not an interface: forms want an index signature. */
export type ParameterValues = Pick<Parameter, 'name' | 'type' | 'defaultValue'> & {
  readonly description: string;
};

export const newValues: ParameterValues = { name: '', type: 'text', defaultValue: '', description: '' };

export function toValues({ name, type, defaultValue, description }: Parameter): ParameterValues {
  return { name, type, defaultValue, description: description ?? '' };
}

export function toBody({ description, ...rest }: ParameterValues) {
  return { ...rest, description: description === '' ? null : description };
}
