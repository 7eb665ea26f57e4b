// Every field of everything in a flow goes along: as code, in a package, in a copy.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
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

  it('leaves nothing else out', () => ledger.finish(['code', 'package', 'copy']));
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
