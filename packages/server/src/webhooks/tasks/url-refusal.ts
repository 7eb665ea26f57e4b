// Pure: which URLs the egress policy lets a task be saved with.
import { invalidFields, Problem } from '../../base/error.ts';
import { parseUrlTemplate, type UrlTemplate } from '../messages/url-template.ts';
import { judgeUrl, type EgressDecision, type EgressPolicy } from '../sending/egress/policy.ts';

/** Throws `url_refused` where the egress policy refuses the URL as it is written. */
export function requireUrl(policy: EgressPolicy, text: string): void {
  const parsed = parseUrlTemplate(text);
  if (!parsed.ok) throw invalidFields([{ field: 'url', detail: parsed.detail }]);
  const refusal = findRefusal(policy, parsed.url);
  if (refusal === null) return;
  const { explanation: detail, rule } = refusal;
  throw new Problem('url_refused', detail, [{ field: 'url', detail }], { rule });
}

/** Why the egress policy would not let this URL be saved; null where it would, or where it is none at all. */
export function findUrlRefusal(policy: EgressPolicy, text: string): string | null {
  const parsed = parseUrlTemplate(text);
  return parsed.ok ? (findRefusal(policy, parsed.url)?.explanation ?? null) : null;
}

function findRefusal(policy: EgressPolicy, { fixed, origin }: UrlTemplate): EgressDecision | null {
  const decision = judgeUrl(policy, fixed ?? `${origin}/`);
  return decision.allowed || couldBeOpened(policy, fixed) ? null : decision;
}

/** An expression may look at the path, which is known only when it is filled: such a URL is judged at each attempt. */
function couldBeOpened(policy: EgressPolicy, fixed: string | null): boolean {
  return fixed === null && policy.expressions.length > 0;
}
