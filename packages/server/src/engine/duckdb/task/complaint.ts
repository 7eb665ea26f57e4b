// What DuckDB complains about, taken apart: it speaks JSON with `errors_as_json`, behind a prefix now and then.

export interface Complaint {
  /** DuckDB's own kind, `Binder`, `Conversion`, ...; `Unknown` where the text is no JSON. */
  kind: string;
  text: string;
  subtype: string | null;
  /** Byte offset into the statement. */
  at: number | null;
  name: string | null;
  candidates: string[];
  /** For something missing: `Table`, `Scalar Function`, ... */
  missing: string | null;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function parseBody(message: string): Record<string, unknown> | null {
  const start = message.indexOf('{"exception_type"');
  if (start < 0) return null;
  try {
    return JSON.parse(message.slice(start));
  } catch {
    return null;
  }
}

/** Reads an error that DuckDB threw. */
export function readComplaint(error: unknown): Complaint {
  const message = error instanceof Error ? error.message : String(error);
  const body = parseBody(message);
  if (body === null) return plainComplaint(message);
  const at = textOf(body['position']);
  return {
    kind: textOf(body['exception_type']) ?? 'Unknown',
    text: textOf(body['exception_message']) ?? message,
    subtype: textOf(body['error_subtype']),
    at: at === null ? null : Number(at),
    name: textOf(body['name']),
    candidates: textOf(body['candidates'])?.split(',') ?? [],
    missing: textOf(body['type']),
  };
}

function plainComplaint(message: string): Complaint {
  const kind = /^([A-Z][\w ]*?) Error: /.exec(message)?.[1] ?? 'Unknown';
  return { kind, text: message, subtype: null, at: null, name: null, candidates: [], missing: null };
}
