// Beside a refusal of the egress policy: the way to where an address is opened, for those who may do it.
import { hasRole, usePerson } from '../../api/session-store.ts';
import { exchangeText } from '../../text/webhook/exchange.ts';
import { PageLink } from '../page/page-link.tsx';

export function EgressLink() {
  if (!hasRole(usePerson(), 'administrator')) return null;
  return (
    <PageLink to="/settings/egress" size="sm">
      {exchangeText.egressSettings}
    </PageLink>
  );
}
