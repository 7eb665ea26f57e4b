// Takes a Flowhook request in anything that speaks Request and Response.

import { verify } from '@flowhook/signature';

/**
 * `origin` is scheme, host and port of the webhook task's URL (`https://receiver.example.com`): behind a proxy
 * the request shows others, and get and delete are signed by the URL that was called.
 */
export async function receive(secret: string, origin: string, request: Request): Promise<Response> {
  const body = new Uint8Array(await request.arrayBuffer());
  const { pathname, search } = new URL(request.url);
  const { method, headers } = request;
  const verdict = await verify(secret, { method, url: origin + pathname + search, headers, body });
  if (!verdict.ok) {
    console.warn(`webhook refused, ${verdict.reason}: ${verdict.detail}`);
    return new Response(verdict.reason, { status: 401 });
  }
  // Do the work once per verdict.deliveryId, then answer 2xx; a repeat gets the same 2xx.
  return new Response(null, { status: 204 });
}
