// Pure: JSON with line breaks and indents; any other text as it is.

/** Digits that JavaScript's numbers can't hold would be changed: such a text is left alone. */
const longNumber = /(?<![\w".])-?\d{16,}/u;

export function layOut(text: string): string {
  if (!/^\s*[[{]/u.test(text) || longNumber.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
