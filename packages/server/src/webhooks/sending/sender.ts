// The sender: one HTTP request to an address that the policy allows; every end is an outcome, nothing is thrown.
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { systemClock } from '../../base/clock.ts';
import type { EgressPolicy } from './egress/policy.ts';
import { block, Exchange, type Limits } from './exchange.ts';
import { interrupt, type Failure } from './failure.ts';
import { createLanePool, type LanePool } from './lane-pool.ts';
import { createLane } from './lane.ts';
import { createResolver, type Resolve } from './resolve.ts';
import type { OutgoingRequest, SendResult, SendTiming } from './send-result.ts';
import { createTargetReader, type Target } from './target.ts';

export interface SenderOptions {
  /** The policy of now: asked for every request, and again for every connection and before any byte is written. */
  policy(): EgressPolicy;
  limits(): Limits;
  /** The addresses of a name; the system's resolution unless given. */
  readonly resolve?: Resolve;
  /** An authority beside the usual ones, PEM. */
  readonly ca?: string;
}

export interface Sender {
  /** Finds the addresses of a name, as every request does. */
  readonly resolve: Resolve;
  /** One request, as it is; never repeated, whatever happens. An aborted signal ends it as `interrupted`. */
  send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult>;
  /** Closes kept connections, so that none outlives the policy that opened it. */
  policyChanged(): void;
  /** Ends what is under way as `interrupted` and closes every connection. */
  close(): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const resolve = options.resolve ?? createResolver();
  const targets = createTargetReader();
  const lanes = { checked: openLanes(true), unchecked: openLanes(false) };
  const underWay = new Set<Exchange>();
  let policyOfLanes: EgressPolicy | undefined;
  let isClosed = false;

  /** One set of connections for each TLS profile: none is ever used by a request that asks for more checks. */
  function openLanes(verify: boolean): LanePool {
    const context = createContextOnce(options.ca);
    const tls = {
      verify,
      get context() {
        return context();
      },
    };
    return createLanePool((origin, ends) =>
      createLane(origin, { tls, resolve, policy: options.policy, ...ends }),
    );
  }

  function send(request: OutgoingRequest, signal?: AbortSignal): Promise<SendResult> {
    const policy = options.policy();
    if (policy !== policyOfLanes) policyChanged();
    policyOfLanes = policy;
    const target = targets.read(policy, request.url);
    if (!target.written.allowed) return Promise.resolve(endAtOnce(target, block(target.written)));
    if (isClosed || signal?.aborted === true) return Promise.resolve(endAtOnce(target, interrupt()));
    const exchange = new Exchange({ request, target, limits: options.limits(), policy: options.policy });
    const lane = lanes[request.sslVerification ? 'checked' : 'unchecked'].take(target.origin);
    underWay.add(exchange);
    lane.run(exchange);
    return waitFor(exchange, signal);
  }

  async function waitFor(exchange: Exchange, signal: AbortSignal | undefined): Promise<SendResult> {
    const stop = () => exchange.stop();
    signal?.addEventListener('abort', stop);
    const result = await exchange.done;
    signal?.removeEventListener('abort', stop);
    underWay.delete(exchange);
    return result;
  }

  function policyChanged(): void {
    lanes.checked.renew();
    lanes.unchecked.renew();
  }

  return {
    resolve,
    send,
    policyChanged,
    async close() {
      isClosed = true;
      for (const exchange of underWay) exchange.stop();
      lanes.checked.close();
      lanes.unchecked.close();
    },
  };
}

const noTiming: SendTiming = { dnsMs: null, connectMs: null, tlsMs: null, firstByteMs: null, bodyMs: null };

/** The result where nothing was sent at all. */
function endAtOnce(target: Target, outcome: Failure): SendResult {
  const egress = target.written;
  return {
    outcome,
    startedAt: systemClock.now(),
    durationMs: 0,
    timing: noTiming,
    address: null,
    response: null,
    egress,
  };
}

/** Made at the first https request: reading the authorities takes some milliseconds and some megabytes. */
function createContextOnce(ca: string | undefined): () => SecureContext {
  let context: SecureContext | undefined;
  return () =>
    (context ??= createSecureContext(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }));
}
