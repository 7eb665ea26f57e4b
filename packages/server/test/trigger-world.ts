// A server, a receiver it may call, and flows whose recipes can be run: for the tests of what webhook tasks wait for.
import { flowEndpoints as flows } from '@flowhook/contract/flow/flow';
import { jobGroupEndpoints as jobs } from '@flowhook/contract/job/job-group';
import { outputObjectEndpoints as outputs } from '@flowhook/contract/flow/output-object';
import { wrangledDatasetEndpoints as recipes } from '@flowhook/contract/flow/wrangled-dataset';
import type { Dialect } from '../src/db/dialect.ts';
import { runAudit } from '../src/webhooks/ledger/audit.ts';
import { startReceiver, type Receiver } from './receiver.ts';
import { startServer, type TestPerson, type TestServer } from './server.ts';
import { until } from './wait.ts';

export interface TriggerWorld {
  readonly server: TestServer;
  readonly receiver: Receiver;
  /** A flow of the author's with a recipe by each name, each with an ad hoc output. */
  makeFlow(...names: string[]): Promise<{ id: number; recipeIds: number[] }>;
  /** Waits for the end of a job; gives its status. */
  end(jobId: number, person?: TestPerson): Promise<string>;
  /** The rules that the database breaks: none, always. */
  audit(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function makeTriggerWorld(
  dialect: Dialect,
  env: Record<string, string> = {},
): Promise<TriggerWorld> {
  const receiver = await startReceiver();
  const allowed = JSON.stringify([`^${receiver.origin.replaceAll('.', '\\.')}/`]);
  const server = await startServer(dialect, { FLOWHOOK_ALLOWED_URL_REGEXES: allowed, ...env });
  const { author } = server;
  const statusOf = async (id: number, person: TestPerson) => person.call(jobs.status, { params: { id } });
  return {
    server,
    receiver,
    async makeFlow(...names) {
      const { id } = await author.call(flows.create, { body: { name: 'Sales' } });
      const recipeIds: number[] = [];
      for (const name of names) recipeIds.push(await makeRecipe(author, id, name));
      return { id, recipeIds };
    },
    async end(jobId, person = author) {
      const final = ['Complete', 'Failed', 'Canceled'];
      await until(
        async () => final.includes(await statusOf(jobId, person)),
        `the end of job ${jobId}`,
        30_000,
      );
      return statusOf(jobId, person);
    },
    async audit() {
      const { findings } = await runAudit(server.app.db.read);
      return findings.map(({ rule, row }) => `${rule}: ${row}`);
    },
    async stop() {
      await server.stop();
      await receiver.close();
    },
  };
}

async function makeRecipe(author: TestPerson, flowId: number, name: string): Promise<number> {
  const recipe = await author.call(recipes.create, {
    body: { name, flow: { id: flowId }, sql: 'select 1 as a' },
  });
  const path = `${flowId}/${name}.csv`;
  const writeSettings = [{ path, action: 'overwrite' as const, format: 'csv' as const }];
  await author.call(outputs.create, { body: { flowNodeId: recipe.id, profiler: false, writeSettings } });
  return recipe.id;
}
