// Pure: what of a webhook task that is being typed may be kept in the tab: all but its secrets.
import { makeRow, type Row, type TaskValues } from './task-values.ts';

/** As they were when the form was opened; what is not secret stays as it is typed. */
export function stripSecrets(values: TaskValues, initial: TaskValues): TaskValues {
  const bare = (rows: readonly Row[], isSecret: (row: Row) => boolean) =>
    rows.map((row) => ({ ...row, key: '', ...(isSecret(row) && { value: '' }) }));
  return {
    ...values,
    ...(values.urlSecret && { url: initial.urlSecret ? initial.url : '' }),
    secretKey: '',
    headers: bare(values.headers, isSecretHeader),
    secrets: bare(values.secrets, () => true),
  };
}

/** Those that the server keeps secret by their names, whether a box is ticked or not. */
export function isSecretHeader({ name, secret, stored }: Row): boolean {
  return secret || stored || /authorization|cookie|secret|token|password|api-?key/iu.test(name);
}

/** Whether closing loses a secret that was typed. */
export function hasTypedSecrets(values: TaskValues): boolean {
  const { secretKey, secrets, headers, urlSecret, url } = values;
  const isTyped = ({ value }: Row) => value !== '';
  return (
    secretKey !== '' ||
    secrets.some(isTyped) ||
    headers.filter(isSecretHeader).some(isTyped) ||
    (urlSecret && url !== '' && !url.includes('****'))
  );
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
