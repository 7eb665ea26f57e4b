// Pure: strptime formats held against texts: which of the usual ones a column of dates follows.

/** Where day and month may be mistaken for each other the day comes first. */
export const dateFormats: readonly string[] = [
  '%d.%m.%Y',
  '%d/%m/%Y',
  '%m/%d/%Y',
  '%d-%m-%Y',
  '%m-%d-%Y',
  '%Y/%m/%d',
];

const clocks = ['%H:%M:%S', '%H:%M', '%I:%M:%S %p', '%I:%M %p'];
export const timeFormats: readonly string[] = dateFormats.flatMap((date) =>
  clocks.map((time) => `${date} ${time}`),
);

const parts: Readonly<Record<string, string>> = {
  d: '(?<d>\\d{1,2})',
  m: '(?<m>\\d{1,2})',
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d{2})',
  H: '(?:[01]?\\d|2[0-3])',
  I: '(?:0?[1-9]|1[0-2])',
  M: '[0-5]?\\d',
  S: '[0-5]?\\d',
  f: '\\d{1,9}',
  g: '\\d{1,3}',
  n: '\\d{1,9}',
  p: '[AaPp][Mm]',
  j: '\\d{1,3}',
  b: '[A-Za-z]{3}',
  B: '[A-Za-z]+',
  a: '[A-Za-z]{3}',
  A: '[A-Za-z]+',
  z: '(?:Z|[+-]\\d{2}(?::?\\d{2})?)',
  Z: '\\S+',
};

const compiled = new Map<string, (text: string) => boolean>();

/** Whether a text follows a format. What the format has beyond the usual signs is left to the engine. */
export function compileFormat(format: string): (text: string) => boolean {
  const known = compiled.get(format);
  if (known !== undefined) return known;
  const made = make(format);
  if (compiled.size < 200) compiled.set(format, made);
  return made;
}

function make(format: string): (text: string) => boolean {
  let pattern = '';
  const pieces = format.match(/%-?[A-Za-z%]|[\s\S]/g) ?? [];
  const used = new Set<string>();
  for (const piece of pieces) {
    if (!piece.startsWith('%') || piece === '%' || piece === '%%')
      pattern += (piece === '%%' ? '%' : piece).replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
    else {
      const sign = piece.at(-1)!;
      const part = parts[sign] ?? '.+?';
      pattern += used.has(sign) ? part.replace(/\?<\w>/, '?:') : part;
      used.add(sign);
    }
  }
  const form = new RegExp(`^${pattern}$`);
  return (text) => {
    const found = form.exec(text);
    return found !== null && isPossible(found.groups ?? {});
  };
}

function isPossible({ d, m, Y }: Record<string, string | undefined>): boolean {
  const month = m === undefined ? 1 : Number(m);
  const day = d === undefined ? 1 : Number(d);
  if (month < 1 || month > 12 || day < 1) return false;
  const year = Y === undefined ? 2000 : Number(Y);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
