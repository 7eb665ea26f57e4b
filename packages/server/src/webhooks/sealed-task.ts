// What is never read back of a webhook task, sealed in one text that opens in its own row and column alone.
import type { SecretBox } from '../base/secret.ts';
import { isSecretHeader } from './header.ts';
import type { TaskDefinition } from './task-rule.ts';

interface Sealed {
  readonly secretKey: string | null;
  readonly secrets: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | null>>;
  /** Only where the URL itself is a secret; the column `url` then has it masked. */
  readonly url: string | null;
}

/** A text that was moved to another task, or to another column, does not open there. */
function contextOf(taskId: number): string {
  return `webhook_tasks.secrets of ${taskId}`;
}

export function sealTask(box: SecretBox, taskId: number, task: TaskDefinition): string {
  const headers = Object.fromEntries(
    Object.entries(task.headers).filter(([name]) => isSecretHeader(name, task.secretHeaders)),
  );
  const sealed: Sealed = {
    secretKey: task.secretKey,
    secrets: task.secrets,
    headers,
    url: task.urlSecret ? task.url : null,
  };
  return box.seal(JSON.stringify(sealed), contextOf(taskId));
}

/** Throws where the text was sealed for another row, or with another key. */
export function openSealed(box: SecretBox, { id, secrets }: { id: number; secrets: string | null }): Sealed {
  if (secrets === null) return { secretKey: null, secrets: {}, headers: {}, url: null };
  return JSON.parse(box.open(secrets, contextOf(id))) as Sealed;
}
