// Pure: a fault of SQL as the editor marks it, and as a sentence.
import type { z } from 'zod';
import type { sqlError } from '@flowhook/contract/flow/wrangled-dataset';
import type { EditorFault } from '../../../parts/code/code-editor-input.ts';
import { recipeText } from '../../../text/graph.ts';

export type SqlFault = z.output<typeof sqlError>;

/** Where the server names no place, all of it is marked; a fault in another recipe is not in this text. */
export function toFaults(fault: SqlFault | null, recipe: string, sql: string): EditorFault[] {
  if (fault === null || fault.recipe !== recipe) return [];
  const from = Math.min(fault.position ?? 0, sql.length);
  const length = fault.length ?? wordLength(sql, from);
  const to = fault.position === null ? sql.length : Math.min(from + Math.max(length, 1), sql.length);
  return [{ from, to, message: fault.message }];
}

function wordLength(sql: string, from: number): number {
  return /^[\w$]+/u.exec(sql.slice(from))?.[0].length ?? 1;
}

export function writeFault(fault: SqlFault, recipe: string): string {
  const { message, hint, line, column } = fault;
  const whole = hint === null ? message : `${message} ${hint}`;
  if (fault.recipe !== recipe) return recipeText.faultIn(fault.recipe, whole);
  return line === null || column === null ? whole : recipeText.faultAt(line, column, whole);
}
