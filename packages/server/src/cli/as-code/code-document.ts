// Pure: a flow document as code has it: in the place of each secret stands where it comes from.
import type {
  DocumentTask,
  FlowDocument,
  FlowDocumentGiven,
  SecretGiven,
} from '@flowhook/contract/flow/flow-document';

/** The server has it already, or an environment variable of whoever applies. */
export type SecretSource = 'stored' | `env:${string}`;
export interface SecretFrom {
  readonly from: SecretSource;
}

type OpenPart = Omit<DocumentTask, 'url' | 'headers' | 'secretKey' | 'secrets'>;

export interface CodeTask extends OpenPart {
  readonly url: string | SecretFrom | null;
  readonly headers: Readonly<Record<string, string | SecretFrom>>;
  readonly secretKey: SecretFrom | null;
  readonly secrets: Readonly<Record<string, SecretFrom>>;
}

export type CodeDocument = Omit<FlowDocumentGiven, 'webhookTasks'> & {
  readonly webhookTasks: readonly CodeTask[];
};

type Open = string | null;
/** Of a task and the API's field (url, secretKey, headers.NAME, secrets.NAME). */
type Translate<From, To> = (task: string, field: string, secret: From) => To;

interface SecretHolder<Secret> {
  readonly name: string;
  readonly url: Open | Secret;
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly secretKey: Secret | null;
  readonly secrets: Readonly<Record<string, Secret>>;
}

function translateTask<From extends object, To, Task extends SecretHolder<From>>(
  task: Task,
  translate: Translate<From, To>,
) {
  const one = <Value extends Open>(field: string, value: Value | From): Value | To =>
    typeof value === 'object' && value !== null ? translate(task.name, field, value) : value;
  const all = <Value>(
    kind: string,
    values: Readonly<Record<string, Value>>,
    to: (field: string, value: Value) => unknown,
  ) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(`${kind}.${name}`, value)]));
  return {
    ...task,
    url: one('url', task.url),
    headers: all('headers', task.headers, one) as Record<string, string | To>,
    secretKey: one('secretKey', task.secretKey),
    secrets: all('secrets', task.secrets, one) as Record<string, To>,
  };
}

/** The document that is sent, with what `choose` makes of each source. */
export function toDocument(
  code: CodeDocument,
  choose: Translate<SecretFrom, SecretGiven>,
): FlowDocumentGiven {
  const webhookTasks = code.webhookTasks.map((task) => translateTask(task, choose));
  return { ...code, webhookTasks };
}

/** What a server shows, with what `find` knows of where each secret comes from. */
export function toCode(
  document: FlowDocument,
  find: (task: string, field: string) => SecretSource,
): CodeDocument {
  const webhookTasks = document.webhookTasks.map((task) =>
    translateTask(task, (name, field): SecretFrom => ({ from: find(name, field) })),
  );
  return { ...document, webhookTasks };
}

/** The sources of a task's secrets by field. */
export function listSources(task: CodeTask): Map<string, SecretSource> {
  const sources = new Map<string, SecretSource>();
  translateTask(task, (_, field, { from }: SecretFrom) => sources.set(field, from));
  return sources;
}
