// What a launch's headers say: the caller's own id for it, and the webhook that asks.
import { invalidField } from '../base/error.ts';

export interface LaunchHeaders {
  /** The original's `x-execution-id`. */
  readonly executionId: string | null;
  /** The public id of the delivery that asks. */
  readonly delivery: string | null;
  /** How many webhooks have led here. */
  readonly hop: number;
}

export function readLaunchHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): LaunchHeaders {
  return {
    executionId: readExecutionId(headers['x-execution-id']),
    delivery: readHeader(headers['x-webhook-delivery']),
    hop: Number.parseInt(readHeader(headers['x-webhook-hop']) ?? '0', 10) || 0,
  };
}

/** A header that is too long to be kept would not be found again: refused rather than ignored. */
export function readExecutionId(given: string | string[] | undefined): string | null {
  if (given === undefined || given === '') return null;
  if (typeof given === 'string' && given.length <= 255) return given;
  throw invalidField('x-execution-id', 'must have at most 255 characters.');
}

function readHeader(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value.length > 0 && value.length <= 255 ? value : null;
}
