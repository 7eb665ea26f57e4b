// Somebody who sees a flow, and what can be done about them.
import type { Permission } from '../../parts/flow-permission.ts';

export type SharedWith = Permission['person'];

export interface Doing {
  readonly what: 'handOver' | 'take';
  readonly person: SharedWith;
}

export interface ListOptions {
  readonly flowId: number;
  readonly meId: number;
  readonly mayShare: boolean;
  onDo(doing: Doing): void;
}
