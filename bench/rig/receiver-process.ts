// Starts the receiver of the benches and asks it what it has seen.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readCpuMs } from './process-cost.ts';

export type ReceiverMessage = 'count' | 'record' | 'arrivals';

export interface Receiver {
  readonly port: number;
  readonly url: string;
  /** Requests answered so far. */
  count(): Promise<number>;
  /** From now on notes when each request arrived: its body is JSON with `job`. */
  record(): void;
  /** Job and time of each request since `record`, in nanoseconds of `process.hrtime.bigint()`. */
  arrivals(): Promise<readonly (readonly [job: number, ns: bigint])[]>;
  cpuMs(): number;
  stop(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const child = fork(new URL('receiver.ts', import.meta.url));
  const [port] = (await once(child, 'message')) as [number];
  const ask = async <Answer>(message: ReceiverMessage): Promise<Answer> => {
    child.send(message);
    const [answer] = (await once(child, 'message')) as [Answer];
    return answer;
  };
  return {
    port,
    url: `http://127.0.0.1:${port}/hooks/a?b=c`,
    count: () => ask('count'),
    record: () => void child.send('record' satisfies ReceiverMessage),
    arrivals: async () =>
      (await ask<[number, string][]>('arrivals')).map(([job, ns]) => [job, BigInt(ns)] as const),
    cpuMs: () => readCpuMs(child.pid!),
    stop: () => child.disconnect(),
  };
}
