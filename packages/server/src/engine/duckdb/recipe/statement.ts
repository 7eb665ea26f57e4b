// How many statements a text holds and what each begins with: for error messages, never to decide what is allowed.

export interface Statement {
  /** UTF-16 offset of the first word. */
  start: number;
  /** The first word in upper case, or the first sign. */
  word: string;
}

const piece =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|(\$\w*\$)[\s\S]*?(?:\1|$)|\s+|;|\w+|[^\s;]/g;

/** Empty statements (nothing but comments and spaces) are left out. */
export function listStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let open = true;
  for (const match of sql.matchAll(piece)) {
    const text = match[0];
    if (text === ';') open = true;
    else if (open && !/^(\s|--|\/\*)/.test(text)) {
      statements.push({ start: match.index, word: text.toUpperCase() });
      open = false;
    }
  }
  return statements;
}
