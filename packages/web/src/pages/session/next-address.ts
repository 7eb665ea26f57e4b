// Pure: where to go after sign-in; only ever a page of our own.

/** What `Redirect` takes. Another site's address, or one that reads as such, leads to the start. */
export function readNext(next: string | undefined): { to: string; search?: Record<string, string> } {
  if (next === undefined || !/^\/(?![/\\])/u.test(next)) return { to: '/' };
  const [path = '/', query = ''] = next.split('?', 2);
  return { to: path, search: Object.fromEntries(new URLSearchParams(query)) };
}
