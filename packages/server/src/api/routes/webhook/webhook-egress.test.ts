// Nothing inside can be called through the real routes: at save, at test and at connect, however its address is written.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { webhookDeliveryEndpoints } from '@flowhook/contract/webhook/webhook-delivery';
import { webhookTaskEndpoints } from '@flowhook/contract/webhook/webhook-task';
import { workspaceEndpoints } from '@flowhook/contract/workspace/workspace';
import { sql } from 'kysely';
import { until } from '../../../../test/wait.ts';
import { describeOnBoth } from '../../../../test/database.ts';
import { startDns, type TestDns } from '../../../../test/dns.ts';
import {
  forbiddenNames,
  forbiddenUrls,
  metadataUrls,
  refusedForms,
} from '../../../../test/forbidden-address.ts';
import { allowUrls, startHookServer, type HookServer } from '../../../../test/hook-server.ts';
import { listenTcp, type Listening } from '../../../../test/listen.ts';

describeOnBoth('Forbidden addresses', (_, dialect) => {
  let hooks: HookServer;
  let trap: Listening;
  let dns: TestDns;
  /** What the policy itself refused at test. */
  const blocked: string[] = [];
  let addresses: (name: string, type: 'A' | 'AAAA') => readonly string[] = () => [];
  before(async () => {
    dns = await startDns((name, type) => addresses(name, type));
    hooks = await startHookServer(dialect, { FLOWHOOK_NAME_SERVERS: dns.server });
    // Whoever connects gets an answer, so that a hole would show as a delivery that arrived.
    trap = await listenTcp((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    await hooks.server.administrator.call(workspaceEndpoints.changeSettings, {
      body: { 'webapp.webhookSettings.tasksPerFlow': 500, 'webapp.webhookSettings.testsPerMinute': 10_000 },
    });
  });
  after(async () => {
    assert.equal(trap.connections(), 0);
    await hooks.stop();
    await Promise.all([trap.close(), dns.close()]);
  });

  const written = () =>
    [...forbiddenUrls, ...metadataUrls].map((url) => url.replace('$PORT', String(trap.port)));
  const definition = (url: string) => ({
    flowId: hooks.flowId,
    name: 'Inside',
    url,
    method: 'post',
    triggerEvent: 'onJobDone',
    triggerObject: 'any',
    retryOnFailure: false,
  });
  const tryUrl = (url: string) =>
    hooks.server.author.call(webhookTaskEndpoints.test, { body: { url, method: 'post' } });

  it('are many', () => assert.ok(forbiddenUrls.length + metadataUrls.length + forbiddenNames.length >= 40));

  describe('at save', () => {
    it('are refused with the field', async () => {
      for (const url of [...written(), ...refusedForms]) {
        const body = definition(url);
        const { errors } = await hooks.server.author.refused(webhookTaskEndpoints.create, 400, { body });
        assert.deepEqual([...new Set(errors.map(({ field }) => field))], ['url'], url);
      }
    });
  });

  describe('at test', () => {
    it('are blocked with the rule', async () => {
      for (const url of written()) {
        const answer = await hooks.server.author.send('POST', '/v4/webhooks/test', {
          body: { url, method: 'post' },
        });
        // A form that is no URL of ours is refused as it is at save: it never gets as far as the policy.
        if (answer.status === 400) {
          assert.deepEqual(
            (answer.json as { errors: { field: string }[] }).errors.map(({ field }) => field),
            ['url'],
          );
          continue;
        }
        assert.equal(answer.status, 200, `${url}: ${answer.text}`);
        const { status, reason, egress } = answer.json as Awaited<ReturnType<typeof tryUrl>>;
        assert.deepEqual([status, reason, egress!.allowed], ['failure', 'blocked', false], url);
        assert.ok(egress!.rule !== '' && egress!.detail !== '', url);
        blocked.push(url.trim());
      }
      assert.ok(blocked.length >= 40, String(blocked.length));
    });

    it('are blocked where a name leads to them', async () => {
      for (const [name, found] of forbiddenNames) {
        addresses = (_name, type) => found.filter((address) => address.includes(':') === (type === 'AAAA'));
        const { reason, egress } = await tryUrl(`http://${name}:${trap.port}/`);
        assert.deepEqual([reason, egress!.allowed], ['blocked', false], name);
      }
    });
  });

  describe('at connect', () => {
    it('are blocked in tasks that were stored before they were forbidden', async () => {
      const id = await hooks.addTask({ retryOnFailure: false, url: `${hooks.receiver.url}/ok` });
      await hooks.server.app.db.transaction(async (tx) => {
        for (const url of blocked)
          await sql`
            insert into webhook_tasks (flow_id, name, url, method, headers, secret_headers, trigger_event, trigger_object,
              ssl_verification, retry_on_failure, enabled, url_secret, born_revision, created_at, updated_at)
            select flow_id, name, ${url}, method, headers, secret_headers, trigger_event, trigger_object,
              1, 0, 1, 0, born_revision, created_at, updated_at from webhook_tasks where id = ${id}`.execute(
            tx,
          );
      });
      // What knows the flow's tasks by heart is told of the change by one through the API.
      await hooks.server.author.call(webhookTaskEndpoints.change, {
        params: { id },
        body: { name: 'Outside' },
      });
      const deliveries = await hooks.settled(await hooks.endJob());
      const inside = deliveries.filter(({ webhookFlowTask }) => webhookFlowTask.id !== id);
      assert.equal(inside.length, blocked.length);
      for (const { id: deliveryId, state, lastReason } of inside) {
        assert.deepEqual([state, lastReason], ['dead', 'blocked']);
        const { data } = await hooks.server.author.call(webhookDeliveryEndpoints.attempts, {
          params: { id: deliveryId },
        });
        assert.equal(data[0]!.egress!.allowed, false);
      }
      assert.equal(deliveries.find(({ webhookFlowTask }) => webhookFlowTask.id === id)!.state, 'delivered');
    });

    it('are blocked where a name leads inside the second time', async () => {
      let asked = 0;
      addresses = (_name, type) => {
        if (type === 'AAAA') return [];
        asked += 1;
        return [asked === 1 ? '203.0.113.1' : '127.0.0.1'];
      };
      const url = `http://rebinding.test:${trap.port}/`;
      await allowUrls(hooks.server, []);
      const results = [await tryUrl(url), await tryUrl(url), await tryUrl(url)];
      assert.ok(results.slice(1).every(({ reason }) => reason === 'blocked'));
      assert.ok(results.every(({ status }) => status === 'failure'));
    });
  });

  it('are not called over a connection that was opened before the policy changed', async () => {
    const { receiver, server } = hooks;
    await allowUrls(server, [`^${receiver.url.replaceAll('.', '\\.')}/`]);
    const before = receiver.received.length;
    assert.equal((await tryUrl(`${receiver.url}/kept`)).status, 'success');
    let sent = 1;
    // The first may not be given back yet when the second is asked for.
    await until(async () => {
      sent += 1;
      return (await tryUrl(`${receiver.url}/kept`)).timing!.connectMs === null;
    }, 'a connection that is kept');
    await allowUrls(server, []);
    assert.equal((await tryUrl(`${receiver.url}/kept`)).reason, 'blocked');
    assert.equal(receiver.received.length, before + sent);
  });
});
