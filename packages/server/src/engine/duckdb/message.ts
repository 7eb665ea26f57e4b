// What the server's process and a DuckDB child tell each other.
import type {
  CheckResult,
  InspectRequest,
  InspectResult,
  PreviewResult,
  Progress,
  Query,
  WritePlan,
  WriteResult,
} from '../engine.ts';

export interface ChildLimits {
  readonly memoryBytes: number;
  readonly tempBytes: number;
  readonly threads: number;
}

export type Request =
  | { readonly kind: 'check'; readonly query: Query }
  | {
      readonly kind: 'preview';
      readonly query: Query;
      readonly limit: number;
      readonly tempDir: string;
      readonly limits: ChildLimits;
    }
  | { readonly kind: 'inspect'; readonly request: InspectRequest }
  | { readonly kind: 'write'; readonly plan: WritePlan };

export type Answer = CheckResult | PreviewResult | InspectResult | WriteResult;

export type ToChild = { readonly id: number; readonly request: Request };
export type FromChild =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly progress: Progress };
