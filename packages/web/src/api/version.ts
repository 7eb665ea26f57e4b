// The version of a thing that was read: what a change is held to, so that nobody's is written over unseen.
import { showsVersion, type AnyEndpoint } from '@flowhook/contract/endpoint';
import { Problem } from '@flowhook/client/problem';
import { readVersion } from '@flowhook/client/version';

/** The answer with its version in it, so that both are kept, and grow old, together. */
export function withVersion(endpoint: AnyEndpoint, headers: Headers | undefined, answer: unknown): unknown {
  const version = headers && showsVersion(endpoint) ? readVersion(headers) : undefined;
  return version === undefined ? answer : { ...(answer as object), etag: version };
}

/** Undefined of what was read in a list. */
export function versionOf(thing: unknown): string | undefined {
  const { etag } = (thing ?? {}) as { readonly etag?: unknown };
  return typeof etag === 'string' ? etag : undefined;
}

interface Stamped {
  readonly updatedAt: string;
  readonly updater: { readonly id: number } | null;
}

/** Which version it is, and whose. */
export function stampOf(thing: Stamped) {
  return { version: versionOf(thing), updatedAt: thing.updatedAt, updaterId: thing.updater?.id ?? null };
}

/** What a call is given so that it changes this version alone; nothing where none is known. */
export function holdTo(version: string | undefined): { readonly headers?: Readonly<Record<string, string>> } {
  return version === undefined ? {} : { headers: { 'if-match': version } };
}

/** True where the thing was changed since that version. */
export function isOutdated(error: unknown): boolean {
  return error instanceof Problem && error.code === 'precondition_failed';
}
