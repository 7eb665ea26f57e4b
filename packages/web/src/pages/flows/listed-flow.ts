// A flow as its list has it, and what can be done with it there.
import type { z } from 'zod';
import type { flow } from '@flowhook/contract/flow/flow';

export type ListedFlow = z.output<typeof flow>;
export type FlowAction = 'share' | 'copy' | 'export' | 'rename' | 'remove';
export type Doing = (what: FlowAction, flow: ListedFlow) => void;
