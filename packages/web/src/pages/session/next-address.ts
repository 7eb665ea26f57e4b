// Pure: where to go after sign-in; only ever a page of our own.

/** What the router's `Navigate` takes. Another site's address, or one that reads as such, leads to the start. */
export function readNext(next: string | undefined): { to: string; search?: never } {
  if (next === undefined || !/^\/(?![/\\])/u.test(next)) return { to: '/' };
  const [path = '/', query = ''] = next.split('?', 2);
  return { to: path, search: Object.fromEntries(new URLSearchParams(query)) as never };
}
