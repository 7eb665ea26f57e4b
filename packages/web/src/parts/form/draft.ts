// A text that is typed and not saved yet: it survives a click elsewhere, Back and a reload.
import { useEffect, useRef, useState } from 'react';
import { keyOfDraft, readDraft, writeDraft, type Kept, type KeptBase } from './draft-store.ts';

export interface Draft {
  readonly text: string;
  /** Whether it differs from what the server has. */
  readonly isChanged: boolean;
  /** When it was typed, epoch milliseconds, where it was found on return; else null. */
  readonly foundAt: number | null;
  /** What the server had when it was begun. */
  readonly base: KeptBase;
  /** It goes on from what the server has now. */
  rebase(base: KeptBase): void;
  type(text: string): void;
  /** To be called with what the server has taken, and its version then; what was typed meanwhile stays. */
  noteSaved(text: string, version: string | undefined): void;
  discard(): void;
}

/** A draft of one text of one thing, such as `recipe.7.sql`; `stored` is the server's text, however it comes to change, of this version. */
export function useDraft(name: string, stored: string, version: string | undefined): Draft {
  const key = keyOfDraft(name);
  const [kept, setKept] = useState(() => readDraft(key));
  const [found, setFound] = useState(kept);
  const [savedAs, setSaved] = useState<KeptBase | null>(null);
  const saved = savedAs?.text ?? null;
  const typed = kept?.text ?? null;
  const isChanged = typed !== null && !isSame(typed, stored) && !isSame(typed, saved);

  const base = kept?.base ?? savedAs ?? { text: stored, version };
  /** Of now, for an answer that comes to a render of before. */
  const latest = useRef(kept);
  const put = (next: Kept | null) => {
    latest.current = next;
    setKept(next);
    setFound(null);
    writeDraft(key, next === null || isSame(next.text, stored) ? null : next);
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
    base,
    rebase: (to) => typed !== null && put({ text: typed, at: Date.now(), base: to }),
    type: (text) =>
      put({ text, at: Date.now(), base: isChanged ? base : (savedAs ?? { text: stored, version }) }),
    noteSaved(text, as) {
      const now = { text, version: as };
      setSaved(now);
      const { current } = latest;
      if (current === null) return;
      if (isSame(current.text, text)) writeDraft(key, null);
      else put({ ...current, base: now });
    },
    discard: () => put(null),
  };
}

/** Blank text is stored as none. */
const isSame = (text: string, other: string | null): boolean =>
  text === other || (other !== null && text.trim() === '' && other.trim() === '');
