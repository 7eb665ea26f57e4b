// Pure: names of files and folders for names of things: readable, safe on every system, never twice the same.

/** Windows opens devices by these names, with any ending. */
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)$/u;
const longest = 60;

/** Letters and digits of any script, in lower case; everything else is one dash. */
export function toFileName(name: string): string {
  const plain = name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '-');
  const cut = Array.from(plain)
    .slice(0, longest)
    .join('')
    .replaceAll(/^-+|-+$/gu, '');
  if (cut === '') return 'unnamed';
  return devices.test(cut) ? `${cut}_` : cut;
}

/** A file name for each name; `known` names keep theirs, of others that would be alike the later ones get a number. */
export function chooseFileNames(
  names: readonly string[],
  { ending, known }: { readonly ending: string; readonly known: ReadonlyMap<string, string> },
): Map<string, string> {
  const kept = new Map(names.flatMap((name) => (known.has(name) ? [[name, known.get(name)!] as const] : [])));
  const taken = new Set([...kept.values()].map(foldFile));
  for (const name of names.toSorted()) {
    if (kept.has(name)) continue;
    const base = toFileName(name);
    let file = `${base}${ending}`;
    for (let number = 2; taken.has(foldFile(file)); number += 1) file = `${base}-${number}${ending}`;
    taken.add(foldFile(file));
    kept.set(name, file);
  }
  return kept;
}

/** Some file systems take names that differ in letter case alone for the same. */
function foldFile(file: string): string {
  return file.normalize('NFC').toLowerCase();
}
