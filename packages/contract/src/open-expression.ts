// Pure: what allowed URL expressions can open, and those that open more than was meant, because their host does not end.

/** The rules of the egress policy whose refusal an allowed expression lifts. */
export const openableRules = ['forbidden_name', 'forbidden_address', 'not_public', 'not_listed'] as const;

/**
 * Expressions that do not close the host: `^https://example\.com` opens https://example.com.evil.net, too, and a dot or
 * `.*` in the host runs past its end. Each should name the host and close it with `/`, `:` or `$`. What is no expression
 * opens nothing.
 */
export function findOpenExpressions(expressions: readonly string[]): string[] {
  return expressions.filter((text) => isExpression(text) && !splitAlternatives(text).every(closesHost));
}

/** Lax: what RE2 alone has, flags at the front and named groups of its own, is no fault here. */
function isExpression(text: string): boolean {
  const usual = text.replaceAll(/\(\?[A-Za-z-]+\)/gu, '').replaceAll('(?P<', '(?<');
  try {
    // oxlint-disable-next-line require-unicode-regexp -- RE2 escapes more than the strict form takes.
    return new RegExp(usual) instanceof RegExp;
  } catch {
    return false;
  }
}

const schemes = /^\^?(?:https?\??|http\(\??:?s\)\?|\(\??:?https?\|https?\)):\\?\/\\?\//u;

function closesHost(text: string): boolean {
  const scheme = schemes.exec(text)?.[0];
  if (scheme === undefined) return false;
  const host = text.slice(scheme.length);
  // Parts of a host that can't run past it: letters, digits, escapes, classes, groups, counts.
  const parts =
    /^(?:[\w-]|\\[.\-dw[\]]|\[\^[^\]]*\/[^\]]*\]|\[[\w.-]+\]|\((?:\?:)?|\)|[|?+*]|\{\d+,?\d*\})*/u.exec(
      host,
    )![0];
  const isBalanced = parts.split('(').length === parts.split(')').length;
  return parts !== '' && isBalanced && /^(?:\\?\/|:|\$)/u.test(host.slice(parts.length));
}

/** By every `|` that stands in no group or class. */
function splitAlternatives(text: string): string[] {
  const alternatives = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/\\.|\[(?:\\.|[^\]])*\]|[^]/gu)) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (token === '|' && depth === 0) alternatives.push('');
    else alternatives[alternatives.length - 1] += token;
  }
  return alternatives;
}
