// Calls of the attack suite: any method, path, headers and body, and the answer as it came.

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface Caller {
  send(method: string, path: string, sent?: Sent): Promise<Answer>;
  /** A POST that must succeed: part of the world, not of the attack. */
  make<Made>(path: string, body: unknown): Promise<Made>;
  /** Uploads a file as a dataset; gives its id. */
  upload(name: string, content: string | Uint8Array<ArrayBuffer>): Promise<number>;
}

/** What takes longer counts as no answer. */
const patienceMs = 60_000;

export function makeCaller(url: string, own: Readonly<Record<string, string>>): Caller {
  async function send(method: string, path: string, { headers = {}, body }: Sent = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof FormData;
    const type = body === undefined || raw ? {} : { 'content-type': 'application/json' };
    const answer = await fetch(url + path, {
      method,
      headers: { ...type, ...own, ...headers },
      body: body === undefined ? null : raw ? body : JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }
  const mustMake = async <Made>(path: string, body: unknown): Promise<Made> => {
    const { status, text } = await send('POST', path, { body });
    if (status >= 300) throw new Error(`POST ${path} was answered with ${status}: ${text}`);
    return JSON.parse(text) as Made;
  };
  return {
    send,
    make: mustMake,
    async upload(name, content) {
      const form = new FormData();
      form.set('name', name);
      form.set('file', new Blob([content]), `${name}.csv`);
      return (await mustMake<{ id: number }>('/v4/importedDatasets/upload', form)).id;
    },
  };
}
