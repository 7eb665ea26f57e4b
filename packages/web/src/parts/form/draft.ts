// A text that is typed and not saved yet: it survives a click elsewhere, Back and a reload.
import { useEffect, useState } from 'react';
import { keyOfDraft, readDraft, writeDraft, type Kept } from './draft-store.ts';

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

/** A draft of one text of one thing, such as `recipe.7.sql`; `stored` is the server's text, however it comes to change. */
export function useDraft(name: string, stored: string): Draft {
  const key = keyOfDraft(name);
  const [kept, setKept] = useState(() => readDraft(key));
  const [found, setFound] = useState(kept);
  const [saved, setSaved] = useState<string | null>(null);
  const typed = kept?.text ?? null;
  const isChanged = typed !== null && !isSame(typed, stored) && !isSame(typed, saved);

  const put = (next: Kept | null) => {
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
    type: (text) => put({ text, at: Date.now() }),
    noteSaved(text) {
      setSaved(text);
      if (typed !== null && isSame(typed, text)) writeDraft(key, null);
    },
    discard: () => put(null),
  };
}

/** Blank text is stored as none. */
const isSame = (text: string, other: string | null): boolean =>
  text === other || (other !== null && text.trim() === '' && other.trim() === '');
