// A lane: one connection to one origin, for one request at a time. undici writes and parses, the lane connects.
import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { Client, type buildConnector } from 'undici';
import { judgeAddress, type EgressPolicy } from './egress/policy.ts';
import { maxHeadBytes } from './answer.ts';
import { dialFirst, startTls, type TlsProfile } from './dial.ts';
import { block, type Connection, type Exchange } from './exchange.ts';
import { failConnect, failDns, failTls, timeOut, type Failure } from './failure.ts';
import type { Resolve } from './resolve.ts';

export interface LaneOptions {
  readonly tls: TlsProfile;
  readonly resolve: Resolve;
  policy(): EgressPolicy;
  /** Told when a request is over and the lane may carry another. */
  onIdle(lane: Lane): void;
  /** Told once when the lane is of no more use. */
  onGone(lane: Lane): void;
}

export interface Lane {
  readonly origin: string;
  /** By `performance.now()`; null while there is no connection. */
  openedAt(): number | null;
  run(exchange: Exchange): void;
  /** Closes the connection at once; a request on it is ended by whoever destroys its lane. */
  destroy(): void;
}

/**
 * How long a connection waits for its next request. Common receivers close an idle one after 2 s or more (gunicorn 2,
 * Node, Apache and uvicorn 5, nginx 75), and a request that meets such a close can't be told from one that was taken and
 * then lost. Nothing is ever sent twice within an attempt, so the wait must be shorter than theirs. Work that comes
 * densely enough for a kept connection to matter comes within a second.
 */
const keepAliveMs = 1500;
const maxAddresses = 8;

export function createLane(origin: string, options: LaneOptions): Lane {
  const { policy, resolve } = options;
  let current: Exchange | null = null;
  let connection: Connection | null = null;
  let isGone = false;
  let stopConnecting = () => {};

  const client = new Client(origin, {
    connect,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    keepAliveTimeoutThreshold: keepAliveMs / 3,
    // The exchange has one deadline over everything.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: maxHeadBytes,
  });
  // undici reports a handler that throws here. The exchange would run into its deadline; better at once.
  (client as EventEmitter).on('error', (error: Error) => current?.onResponseError(null, error));

  function run(exchange: Exchange): void {
    current = exchange;
    exchange.onOver = end;
    if (connection !== null) exchange.attach(connection, true);
    const { method, headers, body } = exchange.request;
    client.dispatch({ method, path: exchange.target.path, headers, body }, exchange);
  }

  function end(isReusable: boolean): void {
    current = null;
    if (isReusable && connection !== null && !isGone) options.onIdle(lane);
    else destroy();
  }

  function destroy(): void {
    if (isGone) return;
    isGone = true;
    stopConnecting();
    client.destroy(null, () => undefined);
    options.onGone(lane);
  }

  /** Called by undici for a new lane, and again where a kept connection was gone before anything was written. */
  function connect(_: buildConnector.Options, callback: buildConnector.Callback): void {
    const exchange = current!;
    exchange.detach();
    const { limits } = exchange;
    const limitMs = Math.min(limits.connectMs, limits.totalMs);
    const leftMs = limitMs - (performance.now() - exchange.began);
    const timer = setTimeout(() => exchange.fail(timeOut(exchange.phase, limitMs)), Math.max(1, leftMs));
    let stopStep = () => {};
    stopConnecting = () => {
      clearTimeout(timer);
      stopStep();
    };
    const onStep = (stop: () => void) => (stopStep = stop);
    openConnection(exchange, options.tls, { policy, resolve, onStep }, (socket) => {
      clearTimeout(timer);
      stopConnecting = () => {};
      carry(socket, exchange, callback);
    });
  }

  function carry(socket: Socket, exchange: Exchange, callback: buildConnector.Callback): void {
    connection = describe(socket);
    socket.once('close', () => {
      connection = null;
      if (current === null) destroy();
    });
    exchange.attach(connection, false);
    callback(null, socket);
    // After undici's own listener, so that what was read has been parsed.
    socket.on('readable', () => current?.checkBytes());
  }

  const lane: Lane = {
    origin,
    openedAt: () => (connection === null || connection.socket.destroyed ? null : connection.openedAt),
    run,
    destroy,
  };
  return lane;
}

interface Opening {
  readonly resolve: Resolve;
  policy(): EgressPolicy;
  /** Told how the step that is under way can be stopped. */
  onStep(stop: () => void): void;
}

/** Resolves, judges, dials, secures. Each failure ends the exchange with its own outcome; only success is told. */
function openConnection(
  exchange: Exchange,
  tls: TlsProfile,
  opening: Opening,
  onOpen: (socket: Socket) => void,
): void {
  const { target } = exchange;
  if (target.isLiteral) return dial([target.hostname]);
  exchange.phase = 'dns';
  const began = performance.now();
  opening.resolve(target.hostname).then(
    (found) => {
      exchange.dnsMs = performance.now() - began;
      dial(found.map(({ address }) => address));
    },
    (error: unknown) => exchange.fail(failDns(error)),
  );
  return undefined;

  function dial(found: readonly string[]): void {
    if (exchange.isOver) return;
    const addresses = pickAllowed(exchange, opening.policy(), found);
    if (addresses === null) return;
    exchange.phase = 'connect';
    const dialledAt = performance.now();
    const stop = dialFirst(addresses, target.port, {
      onFault: (faults) => exchange.fail(failConnect(faults)),
      onConnected(socket) {
        exchange.connectMs = performance.now() - dialledAt;
        if (target.isSecure) secure(socket);
        else onOpen(socket);
      },
    });
    opening.onStep(stop);
  }

  function secure(tcp: Socket): void {
    exchange.phase = 'tls';
    const began = performance.now();
    const stop = startTls(tcp, target.hostname, tls, {
      onFault: (error) => exchange.fail(failTls(error)),
      onSecured(socket) {
        exchange.tlsMs = performance.now() - began;
        onOpen(socket);
      },
    });
    opening.onStep(stop);
  }
}

/** The addresses that may be dialled; null where there is none, and the exchange has failed for it. */
function pickAllowed(
  exchange: Exchange,
  policy: EgressPolicy,
  found: readonly string[],
): readonly string[] | null {
  const decisions = found.map((address) => judgeAddress(policy, exchange.target.href, address));
  const allowed = decisions.filter((decision) => decision.allowed);
  if (allowed.length > 0) return found.filter((_, at) => decisions[at]!.allowed).slice(0, maxAddresses);
  exchange.fail(refuse(exchange, decisions));
  return null;
}

function refuse(exchange: Exchange, decisions: readonly ReturnType<typeof judgeAddress>[]): Failure {
  const refused = decisions[0];
  if (refused === undefined) return failDns(Object.assign(new Error('no address'), { code: 'ENODATA' }));
  exchange.egress = refused;
  return block(refused);
}

function describe(socket: Socket): Connection {
  const address = socket.remoteAddress ?? '';
  const shown = address.includes(':') ? `[${address}]` : address;
  return { socket, address, shown: `${shown}:${socket.remotePort ?? 0}`, openedAt: performance.now() };
}
