// Connecting: to the very address that the policy has judged, by TCP and, for https, TLS.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { buildConnector } from 'undici';

export interface ConnectTarget {
  /** A literal address. */
  readonly address: string;
  readonly verify: boolean;
  /** Authorities beside the usual ones. */
  readonly ca: string | undefined;
  limitMs(): number;
  /** Told of each connection: milliseconds of TCP and of TLS (null for http). */
  onConnected(connectMs: number, tlsMs: number | null): void;
  /** Told when TCP stands and TLS begins. */
  onTls(): void;
}

/** The time for connecting is over; `phase` says what was under way. */
export class ConnectTimeout extends Error {
  readonly phase: 'connecting' | 'TLS handshake';
  constructor(phase: 'connecting' | 'TLS handshake') {
    super('connecting took too long');
    this.phase = phase;
  }
}

/** A connector for undici that asks no resolver. */
export function createConnector(target: ConnectTarget): buildConnector.connector {
  return ({ protocol, port, hostname, servername }, callback) => {
    const secure = protocol === 'https:';
    const began = performance.now();
    let connectMs = 0;
    const tcp = connectTcp({
      host: target.address,
      port: Number(port === '' ? (secure ? 443 : 80) : port),
      noDelay: true,
      keepAlive: true,
    });
    let socket: Socket = tcp;
    let phase: 'connecting' | 'TLS handshake' = 'connecting';
    const timer = setTimeout(() => finish(new ConnectTimeout(phase)), target.limitMs());
    let isDone = false;

    function finish(error: Error | null): void {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      tcp.off('error', finish);
      socket.off('error', finish);
      if (error === null) return callback(null, socket);
      // Whatever the socket still says after this is nobody's concern.
      socket.on('error', () => undefined);
      tcp.on('error', () => undefined);
      socket.destroy();
      tcp.destroy();
      return callback(error, null);
    }

    tcp.once('error', finish);
    tcp.once('connect', () => {
      connectMs = performance.now() - began;
      if (!secure) {
        target.onConnected(connectMs, null);
        return finish(null);
      }
      phase = 'TLS handshake';
      target.onTls();
      const name = readServerName(servername ?? hostname);
      const tls = connectTls({
        socket: tcp,
        // Named for the check of the certificate; the connection stands already.
        host: hostname.replace(/^\[|\]$/gu, ''),
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: target.verify,
        ...(name && { servername: name }),
        ...(target.ca && { ca: target.ca }),
      });
      socket = tls;
      tls.once('error', finish);
      tls.once('close', () =>
        finish(
          Object.assign(new Error('the receiver closed the connection during the TLS handshake'), {
            code: 'ERR_TLS_CLOSED',
          }),
        ),
      );
      tls.once('secureConnect', () => {
        target.onConnected(connectMs, performance.now() - began - connectMs);
        finish(null);
      });
      return undefined;
    });
  };
}

/** SNI takes names, never addresses. */
function readServerName(name: string): string | undefined {
  const plain = name.replace(/^\[|\]$/gu, '');
  return /^[\d.]+$/u.test(plain) || plain.includes(':') ? undefined : plain;
}
