// Pure: the expressions that open URLs; matched in linear time, from the first character of the normalised URL.
import { RE2JS } from 're2js';

export interface Expression {
  readonly text: string;
  matches(href: string): boolean;
}

/** Throws where the text is no expression that can be matched in linear time. */
export function compileExpression(text: string): Expression {
  const compiled = RE2JS.compile(text);
  return { text, matches: (href) => compiled.matcher(href).lookingAt() };
}

/** What is wrong with the list of allowed expressions; null where nothing is. */
export function findExpressionFault(expressions: readonly string[]): string | null {
  for (const text of expressions) {
    try {
      compileExpression(text);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return `${JSON.stringify(text)} is no expression that can be matched in linear time (${why}). Write it in RE2 syntax: no look-around, no back-references.`;
    }
  }
  return null;
}

/**
 * Expressions that do not close the host: `^https://example\.com` opens https://example.com.evil.net, too, and a dot or
 * `.*` in the host runs past its end. Each should name the host and close it with `/`, `:` or `$`.
 */
export function findOpenExpressions(expressions: readonly string[]): string[] {
  return expressions.filter((text) => !splitAlternatives(text).every(closesHost));
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
