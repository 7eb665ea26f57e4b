// Pure: what an attempt came to, as data: never an exception.
import type { outcomeReasons } from '@flowhook/contract/webhook/exchange';

/** Why there is no usable answer; the closed list. */
export type OutcomeReason = (typeof outcomeReasons)[number];

/** An answer whose head was read, or a failure. A redirect is a failure that keeps its status. */
export type Outcome =
  | { readonly kind: 'response'; readonly statusCode: number }
  | {
      readonly kind: 'failure';
      readonly reason: OutcomeReason;
      readonly detail: string;
      readonly statusCode?: number;
    };

/** A status of 200 to 299 is success, and nothing else. */
export function isSuccess(outcome: Outcome): boolean {
  return outcome.kind === 'response' && outcome.statusCode >= 200 && outcome.statusCode <= 299;
}
