// What is typed and not saved yet, in the tab's session storage, by person and name such as `recipe.7.sql`.
import { useSyncExternalStore } from 'react';
import { readSession } from '../../api/session-store.ts';

export interface Kept {
  readonly text: string;
  /** When it was typed, epoch milliseconds. */
  readonly at: number;
  /** What it was begun from: the version that the server had then. */
  readonly base?: KeptBase;
}

export interface KeptBase {
  readonly text: string;
  readonly version: string | undefined;
}

const prefix = 'flowhook.draft.';
/** The storage of a tab holds some megabytes for all that is kept, each with what it was begun from. */
const maxLength = 200_000;
const listeners = new Set<() => void>();

/** Of the person who is signed in; null where nobody is. */
export function keyOfDraft(name: string): string | null {
  const { session } = readSession();
  return session === null ? null : `${prefix}${session.person.id}.${name}`;
}

export function readDraft(key: string | null): Kept | null {
  const text = key === null ? null : sessionStorage.getItem(key);
  return text === null ? null : (JSON.parse(text) as Kept);
}

/** Null forgets it. */
export function writeDraft(key: string | null, kept: Kept | null): void {
  if (key === null) return;
  try {
    if (kept === null || kept.text.length > maxLength) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // Full: what is typed still stands on the page.
  }
  for (const listener of listeners) listener();
}

/** Whether somebody would lose something by signing out. */
export function hasDrafts(personId: number): boolean {
  return list(personId).length > 0;
}

export function removeDrafts(personId: number): void {
  for (const key of list(personId)) writeDraft(key, null);
}

/** The names of all drafts of this tab, as they come and go, with a blank between them. */
export function useDraftNames(): string {
  return useSyncExternalStore(subscribe, readNames);
}

function readNames(): string {
  const { session } = readSession();
  if (session === null) return '';
  const start = `${prefix}${session.person.id}.`;
  return list(session.person.id)
    .map((key) => key.slice(start.length))
    .toSorted()
    .join(' ');
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function list(personId: number): string[] {
  const all = Array.from({ length: sessionStorage.length }, (_, at) => sessionStorage.key(at) ?? '');
  return all.filter((key) => key.startsWith(`${prefix}${personId}.`));
}
