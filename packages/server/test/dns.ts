// A name server of the test's own on loopback: says what the test tells it, and counts what it was asked.
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import ipaddr from 'ipaddr.js';

export type DnsType = 'A' | 'AAAA';
/** Addresses, or how the server fails. */
export type DnsAnswer = readonly string[] | 'silent' | 'unknown' | 'broken';

export interface TestDns {
  /** As `dns.Resolver.setServers` takes it. */
  readonly server: string;
  /** What was asked, as `name A`. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const typeNames: Readonly<Record<number, DnsType>> = { 1: 'A', 28: 'AAAA' };
const codes = { unknown: 3, broken: 2 } as const;

/** `answer` is called for each question, so that a name can lead elsewhere each time. */
export async function startDns(answer: (name: string, type: DnsType) => DnsAnswer): Promise<TestDns> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    const { name, type, end } = readQuestion(message);
    if (type === undefined) return;
    asked.push(`${name} ${type}`);
    const given = answer(name, type);
    if (given === 'silent') return;
    socket.send(writeReply(message, end, type, given), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** One question after a header of 12 bytes (RFC 1035, section 4.1). */
function readQuestion(message: Buffer): { name: string; type: DnsType | undefined; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: typeNames[message.readUInt16BE(at + 1)], end: at + 5 };
}

function writeReply(
  question: Buffer,
  end: number,
  type: DnsType,
  given: Exclude<DnsAnswer, 'silent'>,
): Buffer {
  const addresses = typeof given === 'string' ? [] : given.map((text) => ipaddr.parse(text));
  const fitting = addresses.filter((address) => (address.kind() === 'ipv4') === (type === 'A'));
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180 | (typeof given === 'string' ? codes[given] : 0), 2);
  head.writeUInt16BE(fitting.length, 6);
  // No further sections: the asker's own EDNS record is not repeated.
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...fitting.map((address) => writeRecord(type, address.toByteArray()))]);
}

/** The name by a pointer to the question, class IN, a lifetime of 0 s. */
function writeRecord(type: DnsType, bytes: readonly number[]): Buffer {
  const head = [0xc0, 12, 0, type === 'A' ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, bytes.length];
  return Buffer.from([...head, ...bytes]);
}
