// What is not the caller's: every kind of thing of another person, and rights that a token does not have.
import type { Attack } from './attack.ts';
import type { World } from './world.ts';

/** Calls on somebody else's things that must look as if there was nothing. */
function foreignCalls({ flow }: World): readonly (readonly [method: string, path: string, body?: object])[] {
  const { id, recipeId, datasetId } = flow;
  return [
    ['GET', `/v4/flows/${id}`],
    ['PATCH', `/v4/flows/${id}`, { name: 'mine' }],
    ['DELETE', `/v4/flows/${id}`],
    ['GET', `/v4/flows/${id}/permissions`],
    ['POST', `/v4/flows/${id}/copy`, { name: 'copy' }],
    ['GET', `/v4/flows/${id}/package`],
    ['GET', `/v4/flows/${id}/webhookFlowTasks`],
    ['POST', `/v4/flows/${id}/run`, {}],
    ['GET', `/v4/wrangledDatasets/${recipeId}`],
    ['GET', `/v4/wrangledDatasets/${recipeId}/preview`],
    ['PATCH', `/v4/wrangledDatasets/${recipeId}`, { sql: 'select 1 as a' }],
    ['GET', `/v4/importedDatasets/${datasetId}`],
    ['GET', `/v4/importedDatasets/${datasetId}/preview`],
    ['DELETE', `/v4/importedDatasets/${datasetId}`],
    ['POST', '/v4/jobGroups', { wrangledDataset: { id: recipeId } }],
  ];
}

export const rightAttacks: readonly Attack[] = [
  {
    name: 'reading, changing, running and copying what belongs to somebody else',
    who: 'author',
    async run(world) {
      for (const [method, path, body] of foreignCalls(world)) {
        const { status } = await world.other.send(method, path, body === undefined ? {} : { body });
        if (status !== 404 && status !== 403) return `${method} ${path} was answered with ${status}.`;
      }
      return null;
    },
  },
  {
    name: 'writing with a token that only reads',
    who: 'author',
    async run({ author, nobody, flow }) {
      const { tokenValue } = await author.make<{ tokenValue: string }>('/v4/apiAccessTokens', {
        readOnly: true,
        lifetimeSeconds: 3600,
      });
      const headers = { authorization: `Bearer ${tokenValue}` };
      const calls = [
        ['POST', '/v4/flows', { name: 'x' }],
        ['POST', '/v4/apiAccessTokens', { description: 'wider' }],
        ['DELETE', `/v4/flows/${flow.id}`, undefined],
        ['POST', '/v4/jobGroups', { wrangledDataset: { id: flow.recipeId } }],
      ] as const;
      for (const [method, path, body] of calls) {
        const { status } = await nobody.send(
          method,
          path,
          body === undefined ? { headers } : { headers, body },
        );
        if (status < 400) return `${method} ${path} was answered with ${status}.`;
      }
      return null;
    },
  },
  {
    name: 'what another token of the same person made, by repeating its Idempotency-Key',
    who: 'author',
    async run({ author, nobody, flow }) {
      const key = { 'idempotency-key': `attack-${Math.random()}` };
      const body = { name: 'made by the wider token' };
      const made = await author.send('POST', '/v4/flows', { headers: key, body });
      if (made.status !== 201) throw new Error(`nothing was made: ${made.text}`);
      const { tokenValue } = await author.make<{ tokenValue: string }>('/v4/apiAccessTokens', {
        flowIds: [flow.id],
        lifetimeSeconds: 3600,
      });
      const headers = { ...key, authorization: `Bearer ${tokenValue}` };
      const { status, text } = await nobody.send('POST', '/v4/flows', { headers, body });
      return [403, 409].includes(status) && !text.includes('made by the wider')
        ? null
        : `answered ${status}: ${text}`;
    },
  },
  {
    name: 'a token made with a token, after that one is removed',
    who: 'author',
    async run({ author, nobody }) {
      const first = await author.make<{ tokenValue: string; tokenInfo: { tokenId: string } }>(
        '/v4/apiAccessTokens',
        { lifetimeSeconds: 3600 },
      );
      const made = await nobody.send('POST', '/v4/apiAccessTokens', {
        headers: { authorization: `Bearer ${first.tokenValue}` },
        body: { lifetimeSeconds: 600 },
      });
      if (made.status >= 400) return null;
      const child = (JSON.parse(made.text) as { tokenValue: string }).tokenValue;
      await author.send('DELETE', `/v4/apiAccessTokens/${first.tokenInfo.tokenId}`);
      const { status } = await nobody.send('GET', '/v4/people/current', {
        headers: { authorization: `Bearer ${child}` },
      });
      return status === 401 ? null : `the second token still works: ${status}.`;
    },
  },
  {
    name: "an administrator's settings, metrics of others, people's tokens",
    who: 'viewer',
    async run({ viewer }) {
      for (const path of ['/v4/workspace/settings', '/v4/auditLog', '/v4/audit/account']) {
        const { status } = await viewer.send('GET', path);
        if (status < 400) return `GET ${path} was answered with ${status}.`;
      }
      return null;
    },
  },
];
