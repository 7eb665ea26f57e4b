// Pure: the way to the sign-in page and back; after sign-in only ever to a page of our own.

const start = '/';

/** The ways in lead back to none of themselves. */
function isEntry(address: string): boolean {
  return /^\/(?:sign-in|setup)\/?(?:[?#]|$)/u.test(address);
}

/** The sign-in page, with the address that was wanted. */
export function writeEntry(wanted: string): string {
  return wanted === start || isEntry(wanted)
    ? '/sign-in'
    : `/sign-in?${new URLSearchParams({ next: wanted }).toString()}`;
}

/** The address that was wanted, of the members behind `?`. Another site's, or one that reads as such, leads to the start. */
export function readNext(search: string): string {
  const next = new URLSearchParams(search).get('next');
  return next !== null && /^\/(?![/\\])/u.test(next) && !isEntry(next) ? next : start;
}

/** What `Redirect` takes. */
export function splitAddress(address: string): { to: string; search: Record<string, string> } {
  const [to = start, query = ''] = address.split('?', 2);
  return { to, search: Object.fromEntries(new URLSearchParams(query)) };
}
