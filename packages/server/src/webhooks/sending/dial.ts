// Dialling: TCP to the first of the judged addresses that answers, then TLS; no resolver is ever asked.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';

/** Where one address is slow the next is tried beside it after this (RFC 8305, section 5, recommends 250 ms). */
const nextAddressMs = 250;

/** What became of each address that was dialled, in order. */
export type DialFault = readonly [address: string, error: NodeJS.ErrnoException];

export interface DialEnd {
  onConnected(socket: Socket): void;
  onFault(faults: readonly DialFault[]): void;
}

/**
 * Dials literal addresses until one is connected; the others are closed. Returns a function that stops it without
 * another word.
 */
export function dialFirst(addresses: readonly string[], port: number, end: DialEnd): () => void {
  const open = new Set<Socket>();
  const faults: DialFault[] = [];
  let next = 0;
  let timer: NodeJS.Timeout | undefined;

  function dialNext(): void {
    clearTimeout(timer);
    const address = addresses[next++]!;
    const socket = connectTcp({ host: address, port, noDelay: true, keepAlive: true });
    open.add(socket);
    socket.once('connect', () => win(socket));
    socket.once('error', (error) => lose(socket, [address, error]));
    if (next < addresses.length) timer = setTimeout(dialNext, nextAddressMs);
  }

  function win(socket: Socket): void {
    open.delete(socket);
    stop();
    socket.removeAllListeners('error');
    end.onConnected(socket);
  }

  function lose(socket: Socket, fault: DialFault): void {
    open.delete(socket);
    faults.push(fault);
    if (next < addresses.length) return dialNext();
    if (open.size === 0) end.onFault(faults);
    return undefined;
  }

  function stop(): void {
    clearTimeout(timer);
    for (const socket of open) discard(socket);
    open.clear();
  }

  dialNext();
  return stop;
}

export interface TlsProfile {
  readonly verify: boolean;
  /** Made once for each profile: making one for every connection costs a root store each. */
  readonly context: SecureContext;
}

export interface TlsEnd {
  onSecured(socket: TLSSocket): void;
  onFault(error: NodeJS.ErrnoException): void;
}

/**
 * TLS over a connected socket, HTTP/1.1 alone. `hostname` is the URL's: the certificate must be for it, whatever address
 * was dialled. Sessions are not resumed, so that every connection checks the certificate anew.
 */
export function startTls(tcp: Socket, hostname: string, { verify, context }: TlsProfile, end: TlsEnd) {
  // What the raw socket has to say comes through the TLS socket, too; unheard it would end the process.
  tcp.on('error', () => undefined);
  const host = hostname.replace(/\.$/u, '');
  const socket = connectTls({
    socket: tcp,
    host,
    ...(!isLiteral(host) && { servername: host }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: verify,
    secureContext: context,
  });
  const onError = (error: NodeJS.ErrnoException) => {
    discard(socket);
    end.onFault(error);
  };
  socket.once('error', onError);
  socket.once('secureConnect', () => {
    socket.off('error', onError);
    end.onSecured(socket);
  });
  return () => {
    socket.off('error', onError);
    discard(socket);
    discard(tcp);
  };
}

/** SNI takes names, never addresses (RFC 6066, section 3). */
function isLiteral(host: string): boolean {
  return /^[\d.]+$/u.test(host) || host.includes(':');
}

/** Closes a socket; what it still says is nobody's concern. */
function discard(socket: Socket): void {
  socket.removeAllListeners('connect');
  socket.removeAllListeners('error');
  socket.on('error', () => undefined);
  socket.destroy();
}
