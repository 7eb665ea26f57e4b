// Beside a refusal of the egress policy: the way to where an address is opened, for those who may do it.
import { hasRole, usePerson } from '../../api/session-store.ts';
import { exchangeText } from '../../text/webhook/exchange.ts';
import { PageLink } from '../page/page-link.tsx';

/** What an allowed expression can open, by the rule that refused it. */
const openable: ReadonlySet<string> = new Set([
  'forbidden_name',
  'forbidden_address',
  'not_public',
  'not_listed',
]);

export function EgressLink({ rule }: { readonly rule: string }) {
  const mayChange = hasRole(usePerson(), 'administrator');
  if (!openable.has(rule) || !mayChange) return null;
  return (
    <PageLink to="/settings/egress" size="sm">
      {exchangeText.egressSettings}
    </PageLink>
  );
}
