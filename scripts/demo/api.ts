// The demo's calls to the public API: plain HTTP, as any program would make them.

export interface Api {
  /** Calls a route that must succeed; gives the parsed answer. Throws an error with the server's own words otherwise. */
  call<Answer>(method: string, path: string, body?: unknown): Promise<Answer>;
  upload<Answer>(path: string, name: string, file: Blob): Promise<Answer>;
  download(path: string): Promise<string>;
}

export function makeApi(url: string, token: string, signal: AbortSignal): Api {
  async function send(method: string, path: string, body?: string | FormData): Promise<string> {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    };
    const answer = await fetch(url + path, { method, headers, body: body ?? null, signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
    return text;
  }
  return {
    async call(method, path, body) {
      return JSON.parse(await send(method, path, body === undefined ? undefined : JSON.stringify(body)));
    },
    async upload(path, name, file) {
      const form = new FormData();
      // The text fields stand before the file.
      form.set('name', name);
      form.set('file', file, `${name}.csv`);
      return JSON.parse(await send('POST', path, form));
    },
    download: (path) => send('GET', path),
  };
}
