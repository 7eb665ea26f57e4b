// What checks and previews of a flow read as its parameters: the defaults.
import type { Parameter } from '../engine/engine.ts';
import type { FlowRoom } from './flow-room.ts';
import { settleParameters } from './parameter.ts';
import { readParameterSources } from './parameter-store.ts';

export async function readDefaults(
  { db, clock }: Pick<FlowRoom, 'db' | 'clock'>,
  flowId: number,
): Promise<readonly Parameter[]> {
  const sources = await readParameterSources(db.read, flowId);
  return settleParameters({ ...sources, given: [], referenceAt: clock.now() }).values;
}

/** What a dataset by itself, outside of any flow, reads: the environment and the time. */
export async function readOutside({
  db,
  clock,
}: Pick<FlowRoom, 'db' | 'clock'>): Promise<readonly Parameter[]> {
  const { environment } = await readParameterSources(db.read, null);
  return settleParameters({ defined: [], environment, given: [], referenceAt: clock.now() }).values;
}
