// Beside a refusal of the egress policy: the way to where an address is opened, for those who may do it.
import { openableRules } from '@flowhook/contract/open-expression';
import { hasRole, usePerson } from '../../api/session-store.ts';
import { exchangeText } from '../../text/webhook/exchange.ts';
import { PageLink } from '../page/page-link.tsx';

const openable: ReadonlySet<string> = new Set(openableRules);

export function EgressLink({ rule }: { readonly rule: string }) {
  const mayChange = hasRole(usePerson(), 'administrator');
  if (!openable.has(rule) || !mayChange) return null;
  return (
    <PageLink to="/settings/egress" size="sm">
      {exchangeText.egressSettings}
    </PageLink>
  );
}
