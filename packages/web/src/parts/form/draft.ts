// What is typed and not saved yet, kept in the tab's session storage: it survives a click elsewhere, Back and a reload.
import { useEffect, useState } from 'react';
import { usePerson } from '../../api/session-store.ts';

export interface Draft {
  readonly text: string;
  /** Whether it differs from what the server has. */
  readonly isChanged: boolean;
  /** When it was typed, epoch milliseconds, where it was found on return; else null. */
  readonly foundAt: number | null;
  type(text: string): void;
  /** To be called with what the server has taken; what was typed meanwhile stays. */
  noteSaved(text: string): void;
  discard(): void;
}

interface Kept {
  readonly text: string;
  readonly at: number;
}

const prefix = 'flowhook.draft.';
/** The storage of a tab holds some megabytes for all that is kept. */
const maxLength = 200_000;

/** A draft of one text of one thing, such as `recipe.7.sql`; `stored` is the server's text, however it comes to change. */
export function useDraft(name: string, stored: string): Draft {
  const { id } = usePerson();
  const key = `${prefix}${id}.${name}`;
  const [kept, setKept] = useState(() => read(key));
  const [found, setFound] = useState(kept);
  const [saved, setSaved] = useState<string | null>(null);
  const typed = kept?.text ?? null;
  const isChanged = typed !== null && !isSame(typed, stored) && !isSame(typed, saved);

  const put = (next: Kept | null) => {
    setKept(next);
    setFound(null);
    write(key, next);
  };
  // Until the new text has been read from the server, the old one must not come back.
  useEffect(() => {
    if (typed !== null && (isSame(typed, stored) || isSame(typed, saved))) put(null);
    setSaved(null);
    // oxlint-disable-next-line react/exhaustive-deps -- What is typed is compared only when the server's text changes.
  }, [stored]);

  return {
    text: typed ?? stored,
    isChanged,
    foundAt: isChanged && found !== null ? found.at : null,
    type: (text) => put({ text, at: Date.now() }),
    noteSaved(text) {
      setSaved(text);
      if (typed !== null && isSame(typed, text)) write(key, null);
    },
    discard: () => put(null),
  };
}

/** Whether somebody would lose something by signing out. */
export function hasDrafts(personId: number): boolean {
  return list(personId).length > 0;
}

export function removeDrafts(personId: number): void {
  for (const key of list(personId)) write(key, null);
}

function list(personId: number): string[] {
  const all = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? '');
  return all.filter((key) => key.startsWith(`${prefix}${personId}.`));
}

/** Blank text is stored as none. */
const isSame = (text: string, other: string | null): boolean =>
  text === other || (other !== null && text.trim() === '' && other.trim() === '');

function read(key: string): Kept | null {
  const text = sessionStorage.getItem(key);
  return text === null ? null : (JSON.parse(text) as Kept);
}

function write(key: string, kept: Kept | null): void {
  try {
    if (kept === null || kept.text.length > maxLength) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Full: what is typed still stands on the page.
  }
}
