// Writes the flows of a server into a folder; what is there already keeps its file names and its sources of secrets.
import { existsSync } from 'node:fs';
import type { Caller } from '@flowhook/client/caller';
import { refuse } from '@flowhook/client/problem';
import { readId } from '@flowhook/client/report-client';
import { createRightsCheck, findFlow, listFlows, type ListedFlow } from '@flowhook/client/as-code/list-flows';
import { flowDocumentEndpoints as documents, type FlowDocument } from '@flowhook/contract/flow/flow-document';
import { listSources, toCode, type CodeDocument } from './code-document.ts';
import type { Say } from './connection.ts';
import { chooseFileNames } from './file-name.ts';
import { printFault, showText } from './print-plan.ts';
import { readFolder, type CodeFlow } from './read-folder.ts';
import { writeFlowFolder } from './write-folder.ts';
import { writeForm } from './write-form.ts';

export interface ExportChoices {
  readonly root: string;
  /** Ids or names; null for all that the token may change. */
  readonly flows: readonly string[] | null;
  readonly say: Say;
}

/** Everything is read before anything is written. Returns the exit code. */
export async function exportFlows(caller: Caller, { root, flows, say }: ExportChoices): Promise<number> {
  const { flows: known, faults } = existsSync(root) ? readFolder(root) : { flows: [], faults: [] };
  for (const fault of faults) say.err(printFault(fault));
  if (faults.length > 0) {
    say.err('flowhook export: mend these files, or take them away: nothing was written.');
    return 1;
  }
  const specs: FlowDocument[] = [];
  for (const { id } of await chooseFlows(caller, flows, say))
    specs.push(await caller.call(documents.get, { params: { id } }));
  refuseSameName(specs);
  const folders = chooseFolders(specs, known, root);
  for (const spec of specs) {
    const before = known.find((each) => each.spec.name === spec.name);
    const folder = folders.get(spec.name)!;
    const files = writeForm(keepSources(spec, before), fileNames(before));
    writeFlowFolder(root, { folder, files, stale: [...fileNames(before).values()] });
    say.out(`${folder}: ${showText(spec.name)}`);
  }
  return 0;
}

async function chooseFlows(caller: Caller, asked: readonly string[] | null, say: Say): Promise<ListedFlow[]> {
  const listed = await listFlows(caller);
  const mayChange = createRightsCheck(caller);
  const chosen = asked === null ? listed : asked.map((text) => findAsked(listed, text));
  const editable = [];
  for (const flow of chosen) {
    if (await mayChange(flow.id)) editable.push(flow);
    else if (asked === null) say.err(`${showText(flow.name)} is left out: only its editors see it whole.`);
    else
      throw refuse('forbidden', `You may not change the flow ${flow.name}: only its editors see it whole.`);
  }
  return editable;
}

function findAsked(listed: readonly ListedFlow[], text: string): ListedFlow {
  const id = readId(text);
  const found = id === undefined ? findFlow(listed, text) : listed.find((flow) => flow.id === id);
  if (found !== undefined) return found;
  throw refuse('not_found', `There is no flow ${JSON.stringify(text)}, or this token may not see it.`);
}

function refuseSameName(specs: readonly FlowDocument[]): void {
  for (const [index, { name }] of specs.entries())
    if (specs.findIndex((each) => each.name === name) < index)
      throw refuse(
        'conflict',
        `Several flows are named ${JSON.stringify(name)}: rename all but one, or choose with --flow.`,
      );
}

/** A flow that has a folder keeps it, whatever that is called. */
function chooseFolders(
  specs: readonly FlowDocument[],
  known: readonly CodeFlow[],
  root: string,
): Map<string, string> {
  const kept = new Map(known.map(({ spec, folder }) => [spec.name, folder]));
  const names = [...new Set([...specs.map(({ name }) => name), ...kept.keys()])];
  const folders = chooseFileNames(names, { ending: '', known: kept });
  for (const [name, folder] of folders)
    if (!kept.has(name) && existsSync(`${root}/${folder}`))
      throw refuse(
        'conflict',
        `${folder} stands there already, and is no folder of the flow ${name}: take it away.`,
      );
  return folders;
}

function fileNames(before: CodeFlow | undefined): Map<string, string> {
  const named = before?.form.recipes.flatMap(({ name, sql }) =>
    sql === undefined ? [] : [[name, sql] as const],
  );
  return new Map(named ?? []);
}

/** The server can't tell where a secret came from: what the file says about it stays. */
function keepSources(document: FlowDocument, before: CodeFlow | undefined): CodeDocument {
  const known = new Map(before?.spec.webhookTasks.map((task) => [task.name, listSources(task)]));
  return toCode(document, (task, field) => known.get(task)?.get(field) ?? 'stored');
}
