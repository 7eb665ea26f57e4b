// Pure: a flow.yaml as the document of a flow of code.
import type { FlowDocumentGiven } from '@flowhook/contract/flow/flow-document';
import { readValue } from '../../flows/parameter.ts';
import { findDocumentFaults } from '../../transfer/document/document-fault.ts';
import { plainText } from '../../transfer/document/document-item.ts';
import {
  toDocument,
  type CodeDocument,
  type CodeTask,
  type SecretFrom,
  type SecretSource,
} from './code-document.ts';
import type { FlowForm } from './flow-form.ts';
import { toFormPath } from './form-path.ts';
import type { FieldPath } from './yaml-text.ts';

export interface FormFault {
  readonly path: FieldPath;
  readonly detail: string;
}

type Forms<Name extends 'webhookTasks' | 'parameters' | 'datasets' | 'recipes'> = FlowForm[Name][number];

/** `sqlOf` gives the text of a file that was named. */
export function toSpec(form: FlowForm, sqlOf: (file: string) => string): CodeDocument {
  const { flow: name, parameters, datasets, recipes, webhookTasks, ...rest } = form;
  return {
    ...rest,
    name,
    parameters: parameters.map(({ default: value, ...each }) => {
      const read = readValue(each.type, value);
      return { ...each, defaultValue: read.ok ? read.text : String(value) };
    }),
    datasets: datasets.map(toDataset),
    recipes: recipes.map(({ sql, waitsForSql = false, ...each }) => ({
      ...each,
      sql: plainText(sql === undefined ? null : sqlOf(sql)),
      waitsForSql,
    })),
    webhookTasks: webhookTasks.map((task) => toTask(task, name)),
  };
}

function toDataset(form: Forms<'datasets'>): CodeDocument['datasets'][number] {
  const { upload: _, uri = null, ...rest } = form;
  return { ...rest, uri };
}

function toTask(form: Forms<'webhookTasks'>, flow: string): CodeTask {
  const { url, urlFrom, headers, headersFrom, secretKeyFrom, secretsFrom, runs, ...rest } = form;
  const from = (source: string): SecretFrom => ({ from: source as SecretSource });
  const all = (sources: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, from(source)]));
  return {
    ...rest,
    runs: runs?.flow === flow ? { ...runs, flow: null } : runs,
    url: urlFrom === undefined ? (url ?? null) : from(urlFrom),
    headers: { ...headers, ...all(headersFrom) },
    secretKey: secretKeyFrom === undefined ? null : from(secretKeyFrom),
    secrets: all(secretsFrom),
  };
}

/** What a form can't say about itself part by part: names that are given twice or mean nothing, secrets in the open. */
export function findFormFaults(form: FlowForm): FormFault[] {
  // What SQL says means nothing here; that there is some does.
  const document: FlowDocumentGiven = toDocument(
    toSpec(form, () => ' '),
    () => ({ state: 'stored' }),
  );
  const recipes = document.recipes.map((recipe, index) => ({
    ...recipe,
    sql: form.recipes[index]!.sql === undefined ? null : '',
  }));
  return [
    ...findDocumentFaults({ ...document, recipes }).map(({ path, detail }) => ({
      path: toFormPath(form, path),
      detail: inFileWords(detail),
    })),
    ...form.parameters.flatMap(checkParameter),
    ...form.recipes.flatMap((recipe, index) => checkFile(form, recipe, index)),
    ...form.webhookTasks.flatMap(checkHeaders),
  ];
}

function inFileWords(detail: string): string {
  return detail
    .replace(/^The document has/u, 'The file has')
    .replace(
      'give it as {"value": …}, or say where it is.',
      'which never stands in a file: name its source in headersFrom, as env:NAME.',
    );
}

function checkParameter({ type, default: value }: Forms<'parameters'>, index: number): FormFault[] {
  const path = ['parameters', index, 'default'];
  // 1.0 is the number 1 to YAML: a text says what it means.
  if (type === 'text' && typeof value !== 'string')
    return [{ path, detail: 'must be a text: put it in quotes.' }];
  const read = readValue(type, value);
  return read.ok ? [] : [{ path, detail: read.detail }];
}

function checkFile(form: FlowForm, { sql }: Forms<'recipes'>, index: number): FormFault[] {
  const first = form.recipes.findIndex((other) => other.sql !== undefined && other.sql === sql);
  if (sql === undefined || first === index) return [];
  return [{ path: ['recipes', index, 'sql'], detail: `${sql} is the SQL of another recipe already.` }];
}

function checkHeaders({ headers, headersFrom }: Forms<'webhookTasks'>, index: number): FormFault[] {
  const hidden = new Set(Object.keys(headersFrom).map((name) => name.toLowerCase()));
  return Object.keys(headers).flatMap((name) =>
    hidden.has(name.toLowerCase())
      ? [
          {
            path: ['webhookTasks', index, 'headers', name],
            detail: 'stands in headersFrom, too: give it once.',
          },
        ]
      : [],
  );
}
