// What stands in the places of write settings, and why it can't be appended to.
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Read } from '../../db/database.ts';
import { choosePlannedPath, type WriteRule } from '../write-setting-rule.ts';
import { findFormFault, formOfRule, formWayOut } from './place-form.ts';
import { foldPath } from './place-rule.ts';
import { readForms } from './place-store.ts';

interface Asked {
  readonly flowId: number;
  readonly outputsDir: string;
  readonly rules: readonly WriteRule[];
}

/** The first rule that would append to what was written otherwise; what has been moved away is no hindrance. */
export async function findOtherForm(
  db: Read,
  { flowId, outputsDir, rules }: Asked,
): Promise<{ readonly index: number; readonly detail: string } | null> {
  const appended = [...rules.entries()].filter(([, { action }]) => action === 'append');
  const pathOf = new Map(appended.map(([index, rule]) => [index, choosePlannedPath(rule)]));
  const forms = await readForms(db, flowId, [...pathOf.values()].map(foldPath));
  for (const [index, rule] of appended) {
    const path = pathOf.get(index)!;
    const found = await lstat(join(outputsDir, path)).catch(() => null);
    const form = forms.get(foldPath(path));
    if (found === null) continue;
    const known = form === undefined ? null : findFormFault(form, formOfRule(rule));
    const fault = found.isDirectory() ? known : (known ?? 'a file stands there');
    if (fault !== null)
      return { index, detail: `Parts can't be appended in the folder ${path}: ${fault}. ${formWayOut}` };
  }
  return null;
}
