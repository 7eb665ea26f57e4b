// Runs a case of data through the API: a dataset of the first day's files, a recipe, a job, the second day, and what came of it.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importedDatasetEndpoints as datasets } from '@flowhook/contract/flow/imported-dataset';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import { writeSettingEndpoints as settings } from '@flowhook/contract/flow/write-setting';
import type { TestPerson, TestServer } from './server.ts';
import { formHeaders, writeForm } from './upload-form.ts';
import { until } from './wait.ts';

interface CaseFile {
  readonly as: string;
  readonly file?: string;
  readonly make?: readonly { readonly text: string; readonly times?: number }[];
}

type Said = string | readonly string[];

interface Outcome {
  readonly outcome: 'rows' | 'loud' | 'place' | 'raw' | 'types' | 'told';
  readonly columns?: readonly {
    readonly name: string;
    readonly as: 'text' | 'number' | 'instant' | 'json';
  }[];
  readonly rows?: readonly (readonly (string | null)[])[];
  readonly warns?: true | readonly Said[];
  readonly says?: readonly Said[];
  readonly saysNot?: readonly string[];
  readonly holds?: readonly string[];
  readonly lacks?: readonly string[];
  readonly at?: readonly string[];
  readonly keeps?: { readonly rows: readonly (readonly string[])[] };
  readonly count?: number;
  readonly jsonLines?: readonly (readonly unknown[])[];
  readonly types?: Readonly<Record<string, readonly string[]>>;
}

export interface DataCase {
  readonly id: string;
  readonly name: string;
  readonly how: 'uri' | 'upload' | 'pattern' | 'put';
  readonly uri?: string;
  readonly day1: readonly CaseFile[];
  readonly day2?: readonly CaseFile[];
  readonly recipe?: string;
  readonly recipe2?: string;
  readonly change2?: object;
  readonly readBack?: true;
  readonly dataset?: object;
  readonly outputs?: readonly { readonly path?: string; readonly format: string }[];
  readonly expect: Readonly<Record<string, { readonly accept: readonly Outcome[] }>>;
}

const folder = join(import.meta.dirname, 'data-case');

export const readCases = async (name: string): Promise<DataCase[]> =>
  JSON.parse(await readFile(join(folder, name), 'utf8')) as DataCase[];

async function bytesOf({ file, make = [] }: CaseFile): Promise<Uint8Array> {
  if (file !== undefined) return readFile(join(folder, file));
  const texts = make.flatMap(({ text, times = 1 }) =>
    Array.from({ length: times }, (_, n) => text.replaceAll('{i}', String(n))),
  );
  return Buffer.from(texts.join(''));
}

/** What one day came to. */
interface Day {
  readonly at: 'create' | 'put' | 'recipe' | 'change' | 'launch' | 'run' | 'done';
  /** What was said where it went wrong; else the warnings. */
  readonly text: string;
  readonly result: Buffer;
  readonly place: string;
}

class Loud extends Error {
  readonly at: Day['at'];
  constructor(at: Day['at'], text: string) {
    super(text);
    this.at = at;
  }
}

/** `root` is a folder that datasets may be read from. */
export async function runCase(server: TestServer, root: string, one: DataCase): Promise<void> {
  const { author } = server;
  const base = join(root, one.id);
  await mkdir(base, { recursive: true });
  const outputsDir = join(server.database.dataDir, 'outputs');
  const path = `${one.id}/${one.outputs?.[0]?.path ?? 'out.csv'}`;
  const place = join(outputsDir, path);
  const world = await firstDay(author, base, path, one).catch((error: unknown) => {
    if (error instanceof Loud) return error;
    throw error;
  });
  const days: (Day | null)[] = [await settle(world, author, place)];
  if (one.day2 ?? one.recipe2 ?? one.change2) {
    assert.ok(!(world instanceof Loud), world instanceof Loud ? world.message : '');
    const changed = await secondDay(author, base, one, world).then(
      () => null,
      (error: unknown) => {
        if (error instanceof Loud) return error;
        throw error;
      },
    );
    days.push(await settle(changed ?? world, author, place));
  }
  for (const [index, day] of days.entries()) {
    const wanted = one.expect[`day${index + 1}`]?.accept;
    if (wanted !== undefined) await judge(author, one, day!, wanted);
  }
}

interface World {
  readonly datasetId: number;
  readonly recipeId: number;
  readonly settingId: number;
  readonly warnings: string[];
}

async function call(
  author: TestPerson,
  at: Day['at'],
  method: string,
  url: string,
  body?: unknown,
  headers = {},
) {
  const answer = await author.send(method, url, { body, headers });
  if (answer.status >= 500) assert.fail(answer.text);
  if (answer.status >= 400) throw new Loud(at, answer.text);
  return answer.json as { id: number; warnings?: string[]; assumptions?: unknown };
}

async function firstDay(author: TestPerson, base: string, path: string, one: DataCase): Promise<World> {
  const made = await makeDataset(author, base, one);
  const warnings = [...(made.warnings ?? []), JSON.stringify(made.assumptions ?? [])];
  const flow = await author.call(flows.create, { body: { name: one.id } });
  const sql = one.recipe === undefined ? {} : { sql: one.recipe };
  const recipe = await call(author, 'recipe', 'POST', recipes.create.path, {
    name: 'result',
    flow: { id: flow.id },
    importedDataset: { id: made.id },
    ...sql,
  });
  const writeSettings = (one.outputs ?? [{ action: 'overwrite', format: 'csv' }]).map((setting) => ({
    ...setting,
    path,
  }));
  const output = await call(author, 'recipe', 'POST', outputs.create.path, {
    flowNodeId: recipe.id,
    profiler: false,
    writeSettings,
  });
  const { data } = await author.call(settings.list, { query: { outputObjectId: output.id } });
  return { datasetId: made.id, recipeId: recipe.id, settingId: data[0]!.id, warnings };
}

async function makeDataset(author: TestPerson, base: string, one: DataCase) {
  const isUpload = one.how === 'upload' || one.how === 'put';
  const [file] = one.day1;
  if (isUpload) {
    const form = writeForm(
      { fileName: file!.as, content: await bytesOf(file!) },
      { name: one.name, ...stringify(one.dataset) },
    );
    return call(author, 'create', 'POST', datasets.upload.path, form, formHeaders);
  }
  await putFiles(base, one.day1);
  const pattern = one.how === 'pattern' ? { pathPattern: { files: 'all' } } : {};
  const uri = `file://${base}/${one.uri ?? file!.as}`;
  return call(author, 'create', 'POST', datasets.create.path, {
    name: one.name,
    uri,
    ...pattern,
    ...one.dataset,
  });
}

const stringify = (fields: object = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]));

async function putFiles(base: string, files: readonly CaseFile[]): Promise<void> {
  for (const file of files) await writeFile(join(base, file.as), await bytesOf(file));
}

async function secondDay(author: TestPerson, base: string, one: DataCase, world: World): Promise<void> {
  const { day2 = [], recipe2, change2 } = one;
  if (one.how === 'put') {
    const form = writeForm({ fileName: day2[0]!.as, content: await bytesOf(day2[0]!) });
    const made = await call(
      author,
      'put',
      'PUT',
      `/v4/importedDatasets/${world.datasetId}/file`,
      form,
      formHeaders,
    );
    world.warnings.push(...(made.warnings ?? []));
  } else await putFiles(base, day2);
  if (recipe2 !== undefined)
    await call(author, 'recipe', 'PATCH', `/v4/wrangledDatasets/${world.recipeId}`, { sql: recipe2 });
  if (change2 !== undefined)
    await call(author, 'change', 'PATCH', `/v4/writeSettings/${world.settingId}`, change2);
}

async function settle(world: World | Loud, author: TestPerson, place: string): Promise<Day> {
  const none = { result: Buffer.alloc(0), place };
  if (world instanceof Loud) return { at: world.at, text: world.message, ...none };
  const launched = await author.send('POST', jobs.create.path, {
    body: { wrangledDataset: { id: world.recipeId } },
  });
  if (launched.status !== 201) return { at: 'launch', text: launched.text, ...none };
  const { id } = launched.json as { id: number };
  const params = { params: { id } };
  const isOver = async () => /Complete|Failed/u.test(await author.call(jobs.status, params));
  await until(isOver, `the end of job ${id}`, 60_000);
  const job = await author.call(jobs.get, params);
  if (job.status === 'Failed') return { at: 'run', text: job.workloadError?.message ?? '', ...none };
  const { files } = await author.call(jobs.outputs, params);
  const result = await author.send('GET', `/v4/jobGroups/${id}/outputs/${files[0]!.id}`);
  const text = [...world.warnings, ...job.warnings].join('\n');
  return { at: 'done', text, result: Buffer.from(result.text), place };
}

async function judge(author: TestPerson, one: DataCase, day: Day, accept: readonly Outcome[]): Promise<void> {
  const faults: string[] = [];
  for (const outcome of accept) {
    const fault = await findFault(author, one, day, outcome);
    if (fault === null) return;
    faults.push(`${outcome.outcome}: ${fault}`);
  }
  assert.fail(
    `${one.id}: ${day.at}: ${day.text}\n${day.result.toString('utf8').slice(0, 500)}\n${faults.join('\n')}`,
  );
}

async function findFault(
  author: TestPerson,
  one: DataCase,
  day: Day,
  outcome: Outcome,
): Promise<string | null> {
  if (outcome.outcome === 'loud') return findQuiet(day, outcome);
  if (day.at !== 'done') return 'it was loud';
  if (outcome.warns !== undefined && !says(day.text, outcome.warns === true ? [/\S/u.source] : outcome.warns))
    return 'no warning';
  if (outcome.outcome === 'told') return says(day.text, outcome.says ?? []) ? null : 'not told';
  if (outcome.outcome === 'place') return findWrongPlace(day.place, outcome);
  if (outcome.outcome === 'raw') return findWrongLines(day.result, outcome);
  if (outcome.outcome === 'types') return findWrongTypes(author, one, day, outcome);
  return findWrongRows(readCsv(day.result.toString('utf8')), outcome);
}

const says = (text: string, wanted: readonly Said[]): boolean =>
  wanted.every((each) =>
    [each].flat().some((word) => new RegExp(word === '\\S' ? word : escape(word), 'iu').test(text)),
  );
const escape = (word: string): string => word.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&');

async function findQuiet(
  day: Day,
  { says: words = [], saysNot = [], at, keeps }: Outcome,
): Promise<string | null> {
  if (day.at === 'done') return 'it was quiet';
  if (at !== undefined && !at.includes(day.at)) return `it was loud at ${day.at}`;
  if (!says(day.text, words)) return 'it does not say what it should';
  const lie = saysNot.find((word) => says(day.text, [word]));
  if (lie !== undefined) return `it says ${lie}`;
  if (keeps === undefined) return null;
  const rows = await readPlace(day.place);
  return sameRows(rows.slice(1), keeps.rows) ? null : 'the place was not kept';
}

/** The rows at a place with its header: of all the parts of a folder. */
async function readPlace(place: string): Promise<string[][]> {
  const isFolder = (await stat(place)).isDirectory();
  const paths = isFolder
    ? (await readdir(place)).filter((name) => !name.startsWith('.')).map((name) => join(place, name))
    : [place];
  const all = await Promise.all(paths.map(async (path) => readCsv(await readFile(path, 'utf8'))));
  return [all[0]?.[0] ?? [], ...all.flatMap((rows) => rows.slice(1))] as string[][];
}

async function findWrongPlace(place: string, { rows, count }: Outcome): Promise<string | null> {
  const found = (await readPlace(place)).slice(1);
  if (count !== undefined) return found.length === count ? null : `${found.length} rows in the place`;
  return sameRows(found, rows ?? []) ? null : `${JSON.stringify(found)} in the place`;
}

function findWrongLines(result: Buffer, { jsonLines, holds = [], lacks = [] }: Outcome): string | null {
  const text = result.toString('utf8');
  if (!holds.every((each) => text.includes(each)) || lacks.some((each) => text.includes(each)))
    return 'other text';
  if (jsonLines === undefined) return null;
  const lines = result.toString('utf8').trim().split('\n');
  try {
    const fits = jsonLines.some(
      (wanted) => JSON.stringify(wanted) === JSON.stringify(lines.map((line) => JSON.parse(line) as unknown)),
    );
    return fits ? null : 'other lines';
  } catch (error) {
    return String(error);
  }
}

async function findWrongTypes(
  author: TestPerson,
  one: DataCase,
  day: Day,
  { types = {} }: Outcome,
): Promise<string | null> {
  const form = writeForm({ fileName: 'back.parquet', content: await readFile(await findFile(day.place)) });
  const { columns } = (await call(
    author,
    'create',
    'POST',
    datasets.upload.path,
    form,
    formHeaders,
  )) as unknown as { columns: { name: string; type: string }[] };
  const wrong = columns.find(({ name, type }) => types[name]?.includes(type) === false);
  return wrong === undefined ? null : `${one.id} ${wrong.name} is ${wrong.type}`;
}

/** `create` puts a number into the name. */
async function findFile(place: string): Promise<string> {
  const folderOf = join(place, '..');
  const names = await readdir(folderOf);
  return join(folderOf, names[0]!);
}

const sameRows = (
  found: readonly (readonly (string | null)[])[],
  wanted: readonly (readonly (string | null)[])[],
): boolean => JSON.stringify(found.map(String).toSorted()) === JSON.stringify(wanted.map(String).toSorted());

function findWrongRows(
  [header = [], ...rows]: (string | null)[][],
  { columns = [], rows: wanted = [] }: Outcome,
): string | null {
  if (
    header.length !== columns.length ||
    header.some((name, n) => columns[n]!.name !== '*' && columns[n]!.name !== name)
  )
    return `columns ${header.join()}`;
  const normal = (row: readonly (string | null)[]) =>
    JSON.stringify(row.map((cell, n) => normalise(cell, columns[n]?.as ?? 'text')));
  const same = JSON.stringify(rows.map(normal).toSorted()) === JSON.stringify(wanted.map(normal).toSorted());
  return same ? null : `other rows: ${JSON.stringify(rows)}`;
}

function normalise(cell: string | null, as: string): unknown {
  if (cell === null) return null;
  if (as === 'number') return cell.includes('.') ? cell.replace(/\.?0+$/u, '') : cell;
  if (as === 'json') return JSON.stringify(JSON.parse(cell));
  if (as !== 'instant') return cell;
  const text = cell.replace(' ', 'T').replace(/([+-]\d\d)$/u, '$1:00');
  return Date.parse(/Z|[+-]\d\d:\d\d$/u.test(text) ? text : text.includes('T') ? `${text}Z` : text);
}

/** Null for an empty cell without quotes. */
function readCsv(text: string): (string | null)[][] {
  return [...text.matchAll(/(?:(?:"(?:[^"]|"")*"|[^",\n]*)(?:,|\n|$))+?(?<=\n|$)/gu)]
    .map(([line]) => line.replace(/\n$/u, ''))
    .filter((line) => line !== '')
    .map((line) =>
      [...`,${line}`.matchAll(/,("(?:[^"]|"")*"|[^,]*)/gu)].map(([, cell]) =>
        cell === '' || cell === undefined ? null : cell.replace(/^"([\s\S]*)"$/u, '$1').replaceAll('""', '"'),
      ),
    );
}
