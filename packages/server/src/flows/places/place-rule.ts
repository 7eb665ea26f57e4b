// Pure: when two flows would write to one place: the same path in any spelling, one within the other, or a numbered name of it.

/** Where files stand below the outputs folder, and what is written there. */
export interface Place {
  /** The path in the one spelling that all of its spellings share. */
  readonly key: string;
  /** Files named after the path and their job's number, as `orders-41.csv`. */
  readonly creates: boolean;
  /** The path itself: a file, or a folder of parts. */
  readonly replaces: boolean;
}

export type WriteAction = 'create' | 'overwrite' | 'append';

export function toPlace(path: string, action: WriteAction): Place {
  return { key: foldPath(path), creates: action === 'create', replaces: action !== 'create' };
}

/** Letter case and the composition of letters make no other place: file systems differ in what they tell apart. */
export function foldPath(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** The folders that a key lies in, the outermost first. */
export function listFolders(key: string): string[] {
  const parts = key.split('/');
  return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The key whose results may have this name: `a/orders-41.csv` is one of `a/orders.csv`. Null where there is no number. */
export function findNumbered(key: string): string | null {
  const at = key.lastIndexOf('/') + 1;
  const [, stem, ending] = /^(.[^.]*)-\d+(\..*)?$/su.exec(key.slice(at)) ?? [];
  return stem === undefined ? null : `${key.slice(0, at)}${stem}${ending ?? ''}`;
}

/** True where two flows can't have both. */
export function collide(a: Place, b: Place): boolean {
  if (a.key === b.key || isWithin(a.key, b.key) || isWithin(b.key, a.key)) return true;
  return mayMake(a, b) || mayMake(b, a);
}

/** True where one flow can't have both either: a file, or a set of parts, stands where the other needs a folder. */
export function exclude(a: Place, b: Place): boolean {
  return (a.replaces && isWithin(b.key, a.key)) || (b.replaces && isWithin(a.key, b.key));
}

export function isWithin(key: string, folder: string): boolean {
  return key.startsWith(`${folder}/`);
}

/** Whether a result of `a` could have the name that `b`, or a folder that it lies in, has. */
function mayMake(a: Place, b: Place): boolean {
  if (!a.creates) return false;
  const names = [...listFolders(b.key), ...(b.replaces ? [b.key] : [])];
  return names.some((name) => findNumbered(name) === a.key);
}

/** Every key at which another place must stand to collide with this one, but for those within it and its numbered names. */
export function listRivalKeys({ key }: Place): string[] {
  const names = [...listFolders(key), key];
  const numbered = names.map(findNumbered).filter((each) => each !== null);
  return [...new Set([...names, ...numbered])];
}

/** From and to, without the ends: in these ranges of keys, compared by their bytes, lie the others. */
export function listRivalRanges({ key, creates }: Place): { readonly low: string; readonly high: string }[] {
  const within = { low: `${key}/`, high: `${key}0` };
  if (!creates) return [within];
  const at = key.lastIndexOf('/') + 1;
  const dot = key.indexOf('.', at + 1);
  const stem = dot === -1 ? key : key.slice(0, dot);
  // The digits, and nothing before or after them.
  return [within, { low: `${stem}-/`, high: `${stem}-:` }];
}
