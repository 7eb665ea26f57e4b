// Beside a refusal of the egress policy: the way to where an address is opened, for those who may do it.
import { openableRules } from '@flowhook/contract/open-expression';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { exchangeText } from '../../text/webhook/exchange.ts';
import { PageLink } from '../page/page-link.tsx';

const openable: ReadonlySet<string> = new Set(openableRules);

/** `url`: asked there again, its host alone: the rest may be secret, and would stand in the address. */
export function EgressLink({ rule, url }: { readonly rule: string; readonly url?: string }) {
  const mayChange = hasRole(usePerson(), 'administrator');
  if (!openable.has(rule) || !mayChange) return null;
  const origin = url === undefined ? undefined : URL.parse(url)?.origin;
  return (
    <PageLink
      to="/settings/egress"
      search={origin === undefined ? undefined : { url: `${origin}/` }}
      size="sm"
    >
      {exchangeText.egressSettings}
    </PageLink>
  );
}
