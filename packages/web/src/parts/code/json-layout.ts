// Pure: JSON with line breaks and indents; any other text as it is.

/** Strings, brackets and what separates, all other values. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gu;

/** Only what stands between the values changes: each number and string keeps its spelling. */
export function layOut(text: string): string {
  if (!isStructure(text)) return text;
  let laid = '';
  let depth = 0;
  let before = '';
  for (const [token] of text.matchAll(tokens)) {
    const closes = token === '}' || token === ']';
    if (closes) depth -= 1;
    const isEmpty = closes && (before === '{' || before === '[');
    if (!isEmpty && (closes || ['{', '[', ','].includes(before))) laid += `\n${'  '.repeat(depth)}`;
    laid += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth += 1;
    before = token;
  }
  return laid;
}

function isStructure(text: string): boolean {
  if (!/^\s*[[{]/u.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
