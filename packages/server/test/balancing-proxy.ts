// A proxy before several nodes as simple ones are: each in turn, those that `/readyz` names ready; nothing is tried twice.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';

export interface BalancingProxy {
  readonly url: string;
  /** Whether it sends calls to this node. */
  isUsed(node: string): boolean;
  close(): Promise<void>;
}

const checkEveryMs = 200;

/** Before these URLs. What can't be passed on is answered 502. */
export async function startBalancingProxy(nodes: readonly string[]): Promise<BalancingProxy> {
  const agent = new Agent({ connections: 8, keepAliveTimeout: 60_000 });
  const ready = new Set<string>();
  let turn = 0;
  const check = async (node: string) => {
    const answer = await fetch(`${node}/readyz`).catch(() => null);
    if (answer?.status === 200) ready.add(node);
    else ready.delete(node);
    await answer?.body?.cancel();
  };
  const checking = setInterval(() => nodes.forEach((node) => void check(node)), checkEveryMs);
  const server = createServer((incoming, response) => {
    const usable = nodes.filter((node) => ready.has(node));
    const node = usable[(turn += 1) % usable.length];
    const { method, url, headers } = incoming;
    const { connection: _, ...own } = headers;
    const passed = request(`${node}${url}`, {
      method: method as 'GET',
      headers: own,
      body: method === 'GET' ? null : incoming,
      dispatcher: agent,
    });
    passed
      .then(async ({ statusCode, body }) => response.writeHead(statusCode).end(await body.text()))
      .catch((error: unknown) => response.writeHead(502).end(String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isUsed: (node) => ready.has(node),
    async close() {
      clearInterval(checking);
      server.closeAllConnections();
      server.close();
      await agent.destroy();
    },
  };
}
