// Pure: the version of what was read, for If-Match.

/** The ETag as the server made it; undefined where the answer has none. A proxy that packs answers marks it as weak (`W/`), and a weak one matches nothing. */
export function readVersion(headers: Headers): string | undefined {
  return headers.get('etag')?.replace(/^W\//u, '');
}
