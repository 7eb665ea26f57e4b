// What a launch's headers say: the caller's own id for it, and the webhook that asks.
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
    executionId: readHeader(headers['x-execution-id']),
    delivery: readHeader(headers['x-webhook-delivery']),
    hop: Number.parseInt(readHeader(headers['x-webhook-hop']) ?? '0', 10) || 0,
  };
}

/** Null where it is not there or empty. That it is not too long was seen before. */
export function readHeader(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
