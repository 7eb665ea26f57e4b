// Pure: what has to be done so that a flow at the server becomes what code says, and what is sent for it.
import type { FlowDocument, FlowDocumentGiven, SecretGiven } from '@flowhook/contract/flow/flow-document';
import { listSecrets } from '../../transfer/document/document-item.ts';
import { planDocument, type Change, type DocumentFault } from '../../transfer/document/document-plan.ts';
import { listMissing } from '../../transfer/document/document-settle.ts';
import { findMove } from '../../webhooks/tasks/task-change.ts';
import {
  listSources,
  toDocument,
  type CodeDocument,
  type CodeTask,
  type SecretSource,
} from './code-document.ts';
import { mergeDocument, noteExtra } from './merge-document.ts';

export interface PlanChoices {
  /** The environment that secrets are taken from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What code does not name is deleted. */
  readonly prune: boolean;
  /** Secrets are sent again where the server has one. */
  readonly sendSecrets: boolean;
}

export interface CodePlan {
  /** What is put. */
  readonly document: FlowDocumentGiven;
  readonly changes: readonly Change[];
  /** What a reader should know beside the changes. */
  readonly notes: readonly string[];
  /** Not empty: nothing can be applied. Places in code's document. */
  readonly faults: readonly DocumentFault[];
}

/** `stored` is null for a flow that the server does not have. */
export function planCode(stored: FlowDocument | null, code: CodeDocument, choices: PlanChoices): CodePlan {
  const tasks = new Map(code.webhookTasks.map((task) => [task.name, task]));
  const wanted = toDocument(code, (task, field, { from }) =>
    chooseSecret(stored, tasks.get(task)!, { field, source: from, choices }),
  );
  const merged = stored === null ? wanted : mergeDocument(stored, wanted, choices.prune);
  const word = (task: string, field: string) => `from ${listSources(tasks.get(task)!).get(field)!}`;
  const { document, changes, faults } = planDocument(stored, merged, word);
  const extra = stored === null || choices.prune ? [] : noteExtra(stored, wanted);
  return {
    document,
    changes,
    notes: [...extra, ...noteWaiting(document, tasks)],
    faults: [...faults, ...findMoved(stored, code, document)],
  };
}

interface Choice {
  readonly field: string;
  readonly source: SecretSource;
  readonly choices: PlanChoices;
}

/** A value is sent where the server has none yet, or has to have it again. */
function chooseSecret(
  stored: FlowDocument | null,
  task: CodeTask,
  { field, source, choices: { env, sendSecrets } }: Choice,
): SecretGiven {
  const value = source === 'stored' ? undefined : env[source.slice('env:'.length)];
  const now = stored?.webhookTasks.find(({ name }) => name === task.name);
  const isSet =
    now !== undefined && new Map(listSecrets(now)).has(field) && !listMissing(now).includes(field);
  const isWanted = !isSet || sendSecrets || isMoved(stored, task);
  return value && isWanted ? { value } : { state: 'stored' };
}

function isMoved(stored: FlowDocument | null, { name, url, sslVerification }: CodeTask): boolean {
  const now = stored?.webhookTasks.find((task) => task.name === name);
  if (typeof now?.url !== 'string' || typeof url !== 'string') return false;
  return findMove({ url: now.url, sslVerification: now.sslVerification }, { url, sslVerification }) !== null;
}

function noteWaiting({ webhookTasks }: FlowDocumentGiven, tasks: ReadonlyMap<string, CodeTask>): string[] {
  return webhookTasks.flatMap((task) => {
    const missing = listMissing(task);
    const code = tasks.get(task.name);
    if (missing.length === 0 || code === undefined) return [];
    const sources = listSources(code);
    const ways = missing.map((field) => {
      const source = sources.get(field) ?? 'stored';
      return source === 'stored' ? `${field} (give it at the server)` : `${field} (set ${source.slice(4)})`;
    });
    return [`webhook task ${task.name} stays off: it waits for ${ways.join(', ')}.`];
  });
}

/** A stored secret never goes to another receiver unawares. */
function findMoved(
  stored: FlowDocument | null,
  { webhookTasks }: CodeDocument,
  document: FlowDocumentGiven,
): DocumentFault[] {
  const detail =
    'The URL points to another receiver, and a stored secret does not follow: name an environment variable that is set (env:NAME).';
  return webhookTasks.flatMap((task, index) => {
    if (!isMoved(stored, task)) return [];
    const kept = listSecrets(document.webhookTasks[index]!).filter(
      ([, secret]) => 'state' in secret && secret.state === 'stored',
    );
    return kept.map(([field]) => ({ path: ['webhookTasks', index, ...splitField(field)], detail }));
  });
}

function splitField(field: string): string[] {
  const [kind, ...name] = field.split('.');
  return name.length === 0 ? [kind!] : [kind!, name.join('.')];
}
