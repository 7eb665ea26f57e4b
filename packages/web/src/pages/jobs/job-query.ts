// Pure: what the job history is narrowed to, from the page's address to what the API is asked.

export type Search = Readonly<Record<string, string | undefined>>;

export const filterNames = [
  'filter',
  'flow',
  'status',
  'person',
  'kind',
  'starter',
  'since',
  'from',
  'to',
] as const;
export type FilterName = (typeof filterNames)[number];

const hourMs = 3_600_000;
/** How long ago a job may have been asked for, by the word in the address. */
const periods: Readonly<Record<string, number>> = {
  '1h': hourMs,
  '24h': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};

export function isFiltered(search: Search): boolean {
  return filterNames.some((name) => (search[name] ?? '') !== '');
}

/** `now` is when the page was opened, epoch milliseconds. */
export function toQuery(
  { filter, flow, status, person, kind, starter, since, from, to }: Search,
  now: number,
) {
  const period = periods[since ?? ''];
  return {
    filter,
    flowId: flow,
    status,
    creatorId: person,
    external: kind,
    startedBy: starter,
    from: period === undefined ? toIso(from) : new Date(now - period).toISOString(),
    to: toIso(to),
  };
}

/** A time without a zone, as people write it into an address, is the viewer's. */
function toIso(text: string | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}
