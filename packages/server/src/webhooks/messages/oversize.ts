// Pure: how large a request may be after its references were filled in, and what is thrown beyond.
import { Problem } from '../../base/error.ts';

/** Characters that one header may have; they are bytes there. */
export const maxHeaderBytes = 8 * 1024;

/** All headers of a task together, names and values. */
export const maxHeadersBytes = 64 * 1024;

/** Bytes of the whole URL as it is sent. */
export const maxUrlBytes = 8000;

/** Bytes that a body may have in UTF-8. */
export const maxBodyBytes = 1024 * 1024;

/**
 * Thrown while a text grows beyond its bound, before more of it is made. A preview or a test answers with it (400); the
 * delivery of an attempt is dead with `request_too_large`.
 */
export class Oversize extends Problem {
  constructor(field: string, max: number) {
    const detail = `has more than ${max} bytes after its references were filled in: refer to less.`;
    super('validation_failed', `${field}: ${detail}`, [{ field, detail }]);
  }
}
