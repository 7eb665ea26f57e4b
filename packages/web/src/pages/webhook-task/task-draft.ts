// Pure: what of a webhook task that is being typed may be kept in the tab: all but its secrets, of which it keeps that they were typed.
import type { FieldFault } from '@flowhook/client/problem';
import { webhookTaskText as text } from '../../text/webhook/webhook-task.ts';
import { makeRow, type Row, type TaskValues } from './task-values.ts';

/** As they were when the form was opened; what is not secret stays as it is typed. */
export function stripSecrets(values: TaskValues, initial: TaskValues): TaskValues {
  const bare = (rows: readonly Row[], isSecret: (row: Row) => boolean) =>
    rows.map((row) => ({ ...row, key: '', ...(isSecret(row) && emptied(row)) }));
  return {
    ...values,
    ...(values.urlSecret && { url: initial.urlSecret ? initial.url : '' }),
    secretKey: '',
    headers: bare(values.headers, isSecretHeader),
    secrets: bare(values.secrets, () => true),
    lost: [
      ...(values.lost.includes('url') || hasTypedUrl(values) ? ['url' as const] : []),
      ...(values.lost.includes('secretKey') || values.secretKey !== '' ? ['secretKey' as const] : []),
    ],
  };
}

const emptied = ({ value, lost }: Row) => ({
  value: '',
  ...((lost === true || value !== '') && { lost: true }),
});

function hasTypedUrl({ urlSecret, url }: TaskValues): boolean {
  return urlSecret && url !== '' && !url.includes('****');
}

/** Those that the server keeps secret by their names, whether a box is ticked or not. */
export function isSecretHeader({ name, secret, stored }: Row): boolean {
  return secret || stored || /authorization|cookie|secret|token|password|api-?key/iu.test(name);
}

/** Whether closing loses a secret that was typed. */
export function hasTypedSecrets(values: TaskValues): boolean {
  const { secretKey, secrets, headers } = values;
  const isTyped = ({ value }: Row) => value !== '';
  return (
    secretKey !== '' ||
    secrets.some(isTyped) ||
    headers.filter(isSecretHeader).some(isTyped) ||
    hasTypedUrl(values)
  );
}

interface LostSecret {
  readonly field: string;
  readonly label: string;
}

/** Secrets that were typed, are not kept, and were not typed again. */
export function listLost(values: TaskValues): LostSecret[] {
  const { kind, lost, secretKey, headers, secrets } = values;
  if (kind !== 'request') return [];
  const of = (rows: readonly Row[], name: string, label: (row: number) => string) =>
    rows.flatMap((row, at) =>
      row.lost === true && row.value === '' ? [{ field: `${name}[${at}].value`, label: label(at + 1) }] : [],
    );
  return [
    ...(lost.includes('url') && !hasTypedUrl(values) ? [{ field: 'url', label: text.url }] : []),
    ...of(headers, 'headers', text.headerValueOf),
    ...(lost.includes('secretKey') && secretKey === ''
      ? [{ field: 'secretKey', label: text.secretKey }]
      : []),
    ...of(secrets, 'secrets', text.secretValue),
  ];
}

/** Nothing is saved without a secret that the draft had, but where that is said. */
export function checkLost(values: TaskValues): FieldFault[] {
  return listLost(values).map(({ field }) => ({ field, detail: text.secretLost }));
}

/** They are not waited for any more. */
export function forgetLost(values: TaskValues): TaskValues {
  const found = (rows: readonly Row[]) => rows.map(({ lost: _, ...row }) => row);
  return { ...values, lost: [], headers: found(values.headers), secrets: found(values.secrets) };
}

/** Rows get identities of their own anew. */
export function restoreDraft(kept: TaskValues, initial: TaskValues): TaskValues {
  return {
    ...initial,
    ...kept,
    headers: kept.headers.map((row) => makeRow(row)).map((row, at) => withKey(row, at)),
    secrets: kept.secrets.map((row) => makeRow(row)).map((row, at) => withKey(row, at)),
  };
}

const withKey = (row: Row, at: number): Row => ({ ...row, key: `kept-${row.name}-${at}` });
