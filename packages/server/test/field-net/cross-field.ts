// Pure: what a schema allows field by field, made to fit together: which fields go with which.
import { conditionKind, type ConditionKind } from '@flowhook/contract/webhook/webhook-condition';
import { requestFields } from '@flowhook/contract/webhook/task-field';

type Fields = Readonly<Record<string, unknown>>;
interface Given {
  readonly condition?: { readonly kind: ConditionKind; readonly whileRunning?: boolean };
  readonly triggerEvent?: string;
}

/** Some forms run a job, some have no secret, some wait for theirs, all others send a request with secrets. */
export function settleTask(fields: Fields, index: number): Fields {
  const event = chooseEvent(fields);
  const whole = { ...fields, name: `${String(fields['name'])} ${index}`, triggerEvent: event };
  const watching = withWatched(whole);
  if (index % 4 === 3) return toRun(watching);
  const request = without(watching, ['runWrangledDataset']);
  if (index % 5 === 2) return toOpen(toRequest(request));
  return index % 5 === 4 ? toWaiting(toRequest(request)) : toRequest(request);
}

function chooseEvent({ condition, triggerEvent }: Given): string | undefined {
  if (condition?.whileRunning === true) return 'onJobDone';
  const result = condition && conditionKind(condition.kind).result;
  return result === undefined ? triggerEvent : result === 'success' ? 'onJobSuccess' : 'onJobFailure';
}

export function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function withWatched(fields: Fields): Fields {
  return fields['triggerObject'] === 'some' ? fields : without(fields, ['flowNodeIds']);
}

const ofRequest = [...requestFields, 'url', 'headers', 'secretKey', 'secrets'];

/** It watches one recipe and runs another: running what is watched would be a circle. */
function toRun(fields: Fields): Fields {
  return { ...without(fields, ofRequest), triggerObject: 'some', flowNodeIds: ['first'] };
}

function toRequest(fields: Fields): Fields {
  return ['get', 'delete'].includes(String(fields['method'])) ? without(fields, ['body']) : fields;
}

/** Nothing of it is secret. */
function toOpen(fields: Fields): Fields {
  const open = without(fields, ['secretKey', 'secrets', 'secretHeaders']);
  const body = 'body' in open && { body: 'plain' };
  return { ...open, urlSecret: false, headers: { 'X-Team': 'data' }, ...body };
}

function toWaiting(fields: Fields): Fields {
  return { ...without(fields, ['secretKey']), missingSecrets: ['secretKey'], enabled: false };
}

/** zstd stands beside no other compression, and snappy beside no text. */
export function settleWriteSetting(fields: Fields, index: number): Fields {
  const { zstd, format, compression, path } = fields;
  const wrong = compression === 'snappy' && format !== 'pqt';
  const other = zstd === true ? 'none' : wrong ? 'gzip' : compression;
  return { ...fields, path: `${index}/${String(path)}`, compression: other };
}

/** The first reads what its pattern finds, all others one file. */
export function settleDataset({ pathPattern, ...rest }: Fields, index: number): Fields {
  const whole = { ...rest, name: `${String(rest['name'])} ${index}` };
  return index === 0 ? { ...whole, uri: 'pattern', pathPattern } : whole;
}

const defaults: Readonly<Record<string, string>> = {
  text: 'north',
  integer: '7',
  number: '1.5',
  boolean: 'true',
  date: '2026-01-02',
  datetime: '2026-01-02 03:04:05',
};

export function settleParameter({ type, ...rest }: Fields): Fields {
  return { ...rest, type, defaultValue: defaults[String(type)] };
}

/** A recipe reads a dataset or a recipe, never both. */
export function settleRecipe({ importedDataset, wrangledDataset, ...rest }: Fields, index: number): Fields {
  const whole = { ...rest, name: `${String(rest['name'])} ${index}` };
  return index % 2 === 0 ? { ...whole, importedDataset } : { ...whole, wrangledDataset };
}
