// Every field of everything in a flow goes along: as code, in a package, in a copy.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import {
  flowDocumentEndpoints as documents,
  flowDocumentGiven,
  type FlowDocument,
  type FlowDocumentGiven,
} from '@flowhook/contract/flow/flow-document';
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { flowTransferEndpoints as transfer, packageImport } from '@flowhook/contract/flow/flow-transfer';
import { parse, stringify } from 'yaml';
import { createCaller } from '@flowhook/client/caller';
import { applyFolder } from '../../src/cli/as-code/apply-folder.ts';
import { exportFlows } from '../../src/cli/as-code/export-flows.ts';
import { plainPaint } from '../../src/cli/as-code/print-plan.ts';
import { describeOnBoth } from '../database.ts';
import { sendPackage } from '../foreign-package.ts';
import { openLedger } from './compare.ts';
import { comparePictures, drawFull, makeFullFlows, type FullFlow } from './full-flow.ts';
import type { Picture } from './picture.ts';
import { secretText, secretUrl } from './thing.ts';
import { makeFieldWorld, removeNumbers, writeNumbers, type FieldWorld } from './world.ts';

describeOnBoth('fields of a whole flow', (_, engine) => {
  const ledger = openLedger();
  let files: string;
  let code: string;
  let world: FieldWorld;
  let full: FullFlow[];
  before(async () => {
    files = writeNumbers();
    code = mkdtempSync(join(tmpdir(), 'flowhook-field-code-'));
    world = await makeFieldWorld(engine, files);
    full = await makeFullFlows(world);
  });
  after(async () => {
    await world.stop();
    removeNumbers(files);
    rmSync(code, { recursive: true });
  });

  const callerOf = ({ server, author }: FieldWorld) =>
    createCaller({ server: server.url, credentials: { token: author.token }, checkAnswers: true });

  async function apply(other: FieldWorld, dryRun = false): Promise<number> {
    const said: string[] = [];
    const say = { out: (line: string) => void said.push(line), err: (line: string) => void said.push(line) };
    const choices = {
      env: { HOOK_SECRET: secretText, HOOK_URL: secretUrl },
      prune: false,
      sendSecrets: false,
    };
    const status = await applyFolder(callerOf(other), {
      root: code,
      dryRun,
      choices,
      paint: plainPaint,
      say,
    });
    assert.notEqual(status, 1, said.join('\n'));
    return status;
  }

  it('goes to another server as code', async () => {
    const said: string[] = [];
    const say = { out: () => undefined, err: (line: string) => void said.push(line) };
    assert.equal(
      await exportFlows(callerOf(world), { root: code, flows: full.map(({ name }) => name), say }),
      0,
      said.join(),
    );
    for (const folder of readdirSync(code)) nameSources(join(code, folder, 'flow.yaml'), full[0]!.picture);
    const other = await makeFieldWorld(engine, files);
    try {
      await apply(other);
      for (const { name, picture } of full) {
        const { data } = await other.author.call(flows.list, { query: { filter: name } });
        comparePictures(ledger, 'code', picture, await drawFull(other, data[0]!.id));
      }
      assert.equal(await apply(other, true), 0, 'a second time there is a difference');
    } finally {
      await other.stop();
    }
  });

  it('goes to another server as a document, and comes back into a flow that lost it', async () => {
    const other = await makeFieldWorld(engine, files);
    try {
      for (const { id, name, picture } of full) {
        const shown = await world.author.call(documents.get, { params: { id } });
        const { flow } = await other.author.call(documents.create, { body: giveSecrets(shown) });
        const params = { id: flow!.id };
        comparePictures(ledger, 'document', picture, await drawFull(other, params.id));
        const put = (body: FlowDocumentGiven) => other.author.call(documents.put, { params, body });
        const same = await other.author.call(documents.get, { params });
        assert.deepEqual({ ...same, ...sortedAs(shown, same) }, shown);
        assert.deepEqual((await put(same)).changes, [], 'a second time there is a difference');
        await put({ ...flowDocumentGiven.parse({ name }), recipes: bareRecipes(same) });
        await put(giveSecrets(shown));
        comparePictures(ledger, 'document', picture, await drawFull(other, params.id));
      }
    } finally {
      await other.stop();
    }
  });

  it('goes through a package', async () => {
    for (const { id, picture } of full) {
      const answer = await fetch(`${world.server.url}/v4/flows/${id}/package`, {
        headers: { authorization: `Bearer ${world.author.token}` },
      });
      const sent = await sendPackage(world.author, Buffer.from(await answer.arrayBuffer()));
      assert.equal(sent.status, 201, sent.text);
      const { deletedObjects, primaryFlowIds } = packageImport.parse(sent.json);
      assert.deepEqual(Object.values(deletedObjects).flat(), []);
      comparePictures(ledger, 'package', picture, await drawFull(world, primaryFlowIds[0]!));
    }
  });

  it('is copied', async () => {
    for (const { id, name, picture } of full) {
      const body = { name, copyDatasources: true, copyWebhooks: true };
      const copy = await world.author.call(transfer.copy, { params: { id }, body });
      comparePictures(ledger, 'copy', picture, await drawFull(world, copy.id));
    }
  });

  it('leaves nothing else out', () => ledger.finish(['code', 'document', 'package', 'copy']));
});

interface CodeTask {
  readonly name: string;
  urlFrom?: string;
  secretKeyFrom?: string;
  readonly headersFrom?: Record<string, string>;
  readonly secretsFrom?: Record<string, string>;
}

/** Names the environment as the source of each secret, as whoever applies has to; what waits goes on waiting. */
function nameSources(file: string, { task: tasks }: Picture): void {
  const form = parse(readFileSync(file, 'utf8')) as { webhookTasks?: CodeTask[] };
  for (const task of form.webhookTasks ?? []) {
    const waits = (tasks.get(task.name)?.['missingSecrets'] ?? []) as string[];
    if (task.urlFrom !== undefined) task.urlFrom = 'env:HOOK_URL';
    if (task.secretKeyFrom !== undefined && !waits.includes('secretKey'))
      task.secretKeyFrom = 'env:HOOK_SECRET';
    for (const sources of [task.headersFrom ?? {}, task.secretsFrom ?? {}])
      for (const name of Object.keys(sources)) sources[name] = 'env:HOOK_SECRET';
  }
  writeFileSync(file, stringify(form));
}

/** Every secret that is stored, with a value, as whoever puts it elsewhere has to give it. */
function giveSecrets(document: FlowDocument): FlowDocumentGiven {
  const text = JSON.stringify(document, (field, value: unknown) => {
    if (JSON.stringify(value) !== '{"state":"stored"}') return value;
    return { value: field === 'url' ? secretUrl : secretText };
  });
  return flowDocumentGiven.parse(JSON.parse(text));
}

/** The lists of the second in the order of the first: order means nothing. */
function sortedAs(first: FlowDocument, second: FlowDocument): Partial<FlowDocument> {
  const lists = ['parameters', 'datasets', 'recipes', 'webhookTasks'] as const;
  return Object.fromEntries(
    lists.map((list) => [
      list,
      first[list].map((part) => (second[list] as { name: string }[]).find(({ name }) => name === part.name)),
    ]),
  );
}

/** Recipes that are there and say nothing, so that they are changed and not made. */
function bareRecipes({ recipes }: FlowDocument): FlowDocumentGiven['recipes'] {
  return recipes.map((recipe) => ({
    ...recipe,
    description: null,
    sql: 'select 1 as one',
    input: null,
    outputs: { adhoc: null, scheduled: null },
  }));
}
