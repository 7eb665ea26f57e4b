// How quickly each host answers of late: from what is under way there, and from what came back.

export interface HostPace {
  begin(host: string): void;
  /** Without `tookMs` nothing was sent. */
  end(host: string, tookMs?: number): void;
  countOf(host: string): number;
  /** Those with something under way. */
  hosts(): string[];
  busyHosts(): number;
  /** It has answered quickly within the last minute, and keeps nothing waiting now. */
  isProven(host: string): boolean;
  /** Something there is under way for long, or took long within the last minute and nothing was quick since. */
  isSlow(host: string): boolean;
  slowHosts(): number;
}

/** What takes longer holds a slot that ten others could have had. */
const longMs = 1000;
const rememberMs = 60_000;

interface Host {
  /** When what is under way began, the oldest first. */
  readonly begun: number[];
  quickAt: number;
  longAt: number;
}

export function createHostPace(now: () => number): HostPace {
  const known = new Map<string, Host>();
  /** Ordered by their first use, so that those that are long forgotten are found at the front. */
  const busy = new Set<string>();

  function find(host: string): Host {
    const found = known.get(host);
    if (found !== undefined) return found;
    forget();
    const fresh = { begun: [], quickAt: Number.NEGATIVE_INFINITY, longAt: Number.NEGATIVE_INFINITY };
    known.set(host, fresh);
    return fresh;
  }

  /** Hosts that nothing is remembered of any more: there may be any number over the months. */
  function forget(): void {
    if (known.size < 1000) return;
    const before = now() - rememberMs;
    for (const [host, { begun, quickAt, longAt }] of known)
      if (begun.length === 0 && Math.max(quickAt, longAt) < before) known.delete(host);
  }

  const lingers = ({ begun }: Host) => begun.length > 0 && now() - begun[0]! > longMs;
  const isSlow = (host: string) => {
    const of = known.get(host);
    if (of === undefined) return false;
    return lingers(of) || (of.longAt > of.quickAt && now() - of.longAt < rememberMs);
  };

  return {
    begin(host) {
      find(host).begun.push(now());
      busy.add(host);
    },
    end(host, tookMs) {
      const of = find(host);
      const at = of.begun.findIndex((time) => tookMs !== undefined && time >= now() - tookMs - 1);
      of.begun.splice(at === -1 ? of.begun.length - 1 : at, 1);
      if (of.begun.length === 0) busy.delete(host);
      if (tookMs === undefined) return;
      if (tookMs > longMs) of.longAt = now();
      else of.quickAt = now();
    },
    countOf: (host) => known.get(host)?.begun.length ?? 0,
    hosts: () => [...busy],
    busyHosts: () => busy.size,
    isProven(host) {
      const of = known.get(host);
      return of !== undefined && now() - of.quickAt < rememberMs && !isSlow(host);
    },
    isSlow,
    slowHosts: () => Math.max(1, [...busy].filter(isSlow).length),
  };
}
