// Pure: what differs between the value before a change and the one after, as lines that people read.
import { auditText } from '../../../text/audit.ts';

export interface Difference {
  /** The member that differs; empty where the value is no object. */
  readonly name: string;
  /** Null: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Members that are the same on both sides are left out. */
export function listDifferences(before: unknown, after: unknown): Difference[] {
  if (!isRecord(before) && !isRecord(after)) {
    return same(before, after) ? [] : [{ name: '', before: write(before), after: write(after) }];
  }
  const [old, now] = [isRecord(before) ? before : {}, isRecord(after) ? after : {}];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .filter((name) => !same(old[name], now[name]))
    .map((name) => ({ name, before: write(old[name]), after: write(now[name]) }));
}

/** A member as people read it: `triggerEvent` is “Trigger event”, `recipeIds` “Recipes”. */
export function nameMember(name: string): string {
  const words = name
    .replace(/(?<=[a-z])Id(s?)$/u, '$1')
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/gu, ' ')
    .toLowerCase()
    .replaceAll(/\b(?:url|sql|ip|id|ssl)\b/gu, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function write(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? auditText.yes : auditText.no;
  if (Array.isArray(value)) return value.length === 0 ? auditText.emptyList : value.map(writeItem).join(', ');
  return writeItem(value);
}

function writeItem(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
