// A look at the egress policy: what it says about a URL, and about each address that its name has now.
import { judgeAddress, judgeUrl, type EgressDecision, type EgressPolicy } from './egress/policy.ts';
import type { Resolve } from './resolve.ts';

export interface EgressLook {
  /** What decides: the URL as written, or the first address that is allowed, else the first. */
  readonly decision: EgressDecision;
  /** One decision for each address; empty where the URL alone was refused, or holds an address itself. */
  readonly addresses: readonly EgressDecision[];
  /** Why the name has no address, as a code of the resolver; null where it has. */
  readonly unresolved: string | null;
}

export async function lookAtUrl(policy: EgressPolicy, text: string, resolve: Resolve): Promise<EgressLook> {
  const written = judgeUrl(policy, text);
  const url = URL.parse(text);
  const nothing = { decision: written, addresses: [], unresolved: null };
  if (!written.allowed || url === null || written.address !== null) return nothing;
  try {
    const found = await resolve(url.hostname);
    const addresses = found.map(({ address }) => judgeAddress(policy, url.href, address));
    // As when it is called: one refused address does not refuse the others.
    const decision = addresses.find(({ allowed }) => allowed) ?? addresses[0] ?? written;
    return { decision, addresses, unresolved: null };
  } catch (error) {
    return { ...nothing, unresolved: (error as NodeJS.ErrnoException).code ?? 'unknown' };
  }
}
