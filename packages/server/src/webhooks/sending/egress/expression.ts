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
