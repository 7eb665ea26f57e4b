// Values for parameters at a launch, as the original's clients send them.
import { z } from 'zod';

export const parameterType = z
  .enum(['text', 'integer', 'number', 'boolean', 'date', 'datetime'])
  .meta({ id: 'ParameterType' });

export const givenValue = { key: z.string().max(255), value: z.unknown() };

/** Parsed as it is given; `readParameters` makes a list of it. */
export const runParameters = z
  .object({
    overrides: z
      .object({
        data: z.array(z.object(givenValue)).max(200).optional(),
      })
      .optional(),
  })
  .nullish()
  .describe('A key that no parameter has is ignored, with a warning on the job.');

export interface GivenParameter {
  readonly key: string;
  readonly value?: unknown;
}

/** The keys and values, in their order. */
export function readParameters(given: z.output<typeof runParameters>): readonly GivenParameter[] {
  return given?.overrides?.data ?? [];
}
