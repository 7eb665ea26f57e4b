// Pure: names and texts in SQL, quoted so that nothing in them is read as SQL.

/** A name as an identifier: `My file.csv` becomes `"My file.csv"`. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as a literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const typeToken = /\s+|[A-Za-z_]\w*|\d+|"(?:[^"]|"")+"|'(?:[^']|'')*'|[(),[\]]/y;

/** Whether a text can stand as a type in SQL without ending what stands around it; not whether the type exists. */
export function isTypeText(text: string): boolean {
  if (!/^\s*[A-Za-z_"]/.test(text) || text.length > 100_000) return false;
  let depth = 0;
  typeToken.lastIndex = 0;
  while (typeToken.lastIndex < text.length) {
    const token = typeToken.exec(text)?.[0];
    if (token === undefined) return false;
    if (token === '(' || token === '[') depth += 1;
    if (token === ')' || token === ']') depth -= 1;
    if (depth < 0 || (token === ',' && depth === 0)) return false;
  }
  return depth === 0;
}

/** A text as a regular expression of JavaScript that it alone fits, also within a class. */
export const escapePattern = (text: string): string =>
  text.replaceAll(/[\\\]^$.*+?()[{}|-]/g, String.raw`\$&`);
