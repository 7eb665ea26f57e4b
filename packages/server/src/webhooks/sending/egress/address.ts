// Pure: what an address is, in whatever spelling it comes, and whether it lies in the public internet.
import ipaddr from 'ipaddr.js';

/** 4 bytes of IPv4 or 16 of IPv6, in network order. */
export type Address = readonly number[];

export interface Range {
  /** As it is shown. */
  readonly text: string;
  readonly base: Address;
  readonly bits: number;
}

/**
 * Reads an address as a resolver, a socket or a URL's host gives it: brackets and zone are taken off, and an
 * IPv4-mapped address is the IPv4 one, because that is what the system dials. Null where it is none.
 */
export function readAddress(text: string): Address | null {
  const plain = writeInHex(text.replace(/^\[(.*)\]$/u, '$1').replace(/%.*$/u, ''));
  return ipaddr.isValid(plain) ? unmap(ipaddr.parse(plain).toByteArray()) : null;
}

/** ipaddr.js takes ::8.8.8.8 for ::ffff:8.8.8.8, which is another address: the URL parser writes it without dots. */
function writeInHex(text: string): string {
  if (!text.includes(':') || !text.includes('.')) return text;
  return URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? '';
}

/** Reads `10.0.0.0/8`, `192.168.1.7`, `fd00::/8`, `::ffff:10.0.0.0/104`; null where it is neither address nor range. */
export function readRange(text: string): Range | null {
  const at = text.indexOf('/');
  if (at < 0) return toRange(text, readAddress(text), null);
  const plain = writeInHex(text.slice(0, at)) + text.slice(at);
  if (!ipaddr.isValidCIDR(plain)) return null;
  const [base, bits] = ipaddr.parseCIDR(plain);
  const bytes = base.toByteArray();
  const isMapped = bytes.length === 16 && bits >= 96 && isWithin(bytes, mapped);
  return { text, base: isMapped ? bytes.slice(12) : bytes, bits: isMapped ? bits - 96 : bits };
}

function toRange(text: string, base: Address | null, bits: number | null): Range | null {
  return base === null ? null : { text, base, bits: bits ?? base.length * 8 };
}

export function isWithin(address: Address, { base, bits }: Range): boolean {
  if (address.length !== base.length) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at += 1) if (address[at] !== base[at]) return false;
  const rest = bits & 7;
  return rest === 0 || (address[whole]! ^ base[whole]!) >> (8 - rest) === 0;
}

const mapped = range('::ffff:0:0/96');

function unmap(bytes: number[]): Address {
  return bytes.length === 16 && isWithin(bytes, mapped) ? bytes.slice(12) : bytes;
}

/** A range of this file, which is right. */
function range(text: string): Range {
  const [base, bits] = ipaddr.parseCIDR(text);
  return { text, base: base.toByteArray(), bits };
}

const nat64 = range('64:ff9b::/96');
const nat64Local = range('64:ff9b:1::/48');
const compatible = range('::/96');
const translated = range('::ffff:0:0:0/96');
const sixToFour = range('2002::/16');
const teredo = range('2001::/32');

/**
 * The IPv4 addresses that an IPv6 one may be carried on to by a translator or tunnel. Several where it depends on the
 * network's own prefix length (RFC 6052, section 2.2).
 */
export function findEmbedded(address: Address): readonly Address[] {
  if (address.length === 4) return [];
  const last = address.slice(12);
  if (isWithin(address, nat64) || isWithin(address, compatible) || isWithin(address, translated))
    return [last];
  if (isWithin(address, nat64Local))
    return [
      last,
      ...[
        [6, 7, 9, 10],
        [7, 9, 10, 11],
        [9, 10, 11, 12],
      ].map((at) => at.map((index) => address[index]!)),
    ];
  if (isWithin(address, sixToFour)) return [address.slice(2, 6)];
  // The server's address as it is, the client's with every bit turned (RFC 4380, section 4).
  if (isWithin(address, teredo)) return [address.slice(4, 8), last.map((byte) => byte ^ 255)];
  return isIsatap(address) ? [last] : [];
}

/** RFC 5214, section 6.1: 0000:5efe or 0200:5efe before the IPv4 address. */
function isIsatap(address: Address): boolean {
  return (address[8]! & 0xfd) === 0 && address[9] === 0 && address[10] === 0x5e && address[11] === 0xfe;
}

/** Addresses at which clouds give out credentials; nothing can open them. */
const metadata = [
  '169.254.169.254', // AWS, Azure, Google, Oracle, DigitalOcean, OpenStack and most others
  '169.254.170.2', // AWS, tasks of ECS
  '169.254.170.23', // AWS, pods of EKS
  '168.63.129.16', // Azure's own host
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '169.254.0.23', // Tencent
  '169.254.42.42', // Scaleway
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
  'fe80::a9fe:a9fe',
].map((text) => toRange(text, readAddress(text), null)!);

/** True for an address of a cloud's metadata service, however it is wrapped. */
export function isMetadata(address: Address): boolean {
  return [address, ...findEmbedded(address)].some((each) => metadata.some((own) => isWithin(each, own)));
}

/** What is not the public internet, by the special-purpose registries of IANA (RFC 6890 and later). */
const closed4 = [
  ['0.0.0.0/8', 'this machine'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'carrier-grade NAT'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'protocol assignments'],
  ['192.0.2.0/24', 'documentation'],
  ['192.31.196.0/24', 'AS112'],
  ['192.52.193.0/24', 'AMT'],
  ['192.88.99.0/24', '6to4 relays'],
  ['192.168.0.0/16', 'private'],
  ['192.175.48.0/24', 'AS112'],
  ['198.18.0.0/15', 'benchmarks'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, broadcast'],
].map(nameRange);

/** IPv6 is closed but for 2000::/3; the first entries only give better words. */
const closed6 = [
  ['::/128', 'this machine'],
  ['::1/128', 'loopback'],
  ['64:ff9b:1::/48', 'a translator of one’s own'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link local'],
  ['fec0::/10', 'site local'],
  ['ff00::/8', 'multicast'],
  ['2001:db8::/32', 'documentation'],
  ['2001::/23', 'protocol assignments, Teredo'],
  ['2002::/16', '6to4'],
  ['2620:4f:8000::/48', 'AS112'],
  ['3fff::/20', 'documentation'],
].map(nameRange);

const globalUnicast = range('2000::/3');

function nameRange([text, name]: readonly string[]): { range: Range; shown: string } {
  return { range: range(text!), shown: `${text} (${name})` };
}

/** Why an address is not public, as `127.0.0.0/8 (loopback)`; null where it is. */
export function findClosedRange(address: Address): string | null {
  const list = address.length === 4 ? closed4 : closed6;
  const found = list.find(({ range }) => isWithin(address, range));
  if (found !== undefined) return found.shown;
  if (address.length === 4) return null;
  return findClosed6(address);
}

/** A NAT64 address (RFC 6052) and the like are as public as what they carry. */
function findClosed6(address: Address): string | null {
  if (!isWithin(address, nat64) && !isWithin(address, globalUnicast)) return 'not in 2000::/3';
  for (const embedded of findEmbedded(address)) {
    const closed = findClosedRange(embedded);
    if (closed !== null) return closed;
  }
  return null;
}

export const loopbacks = [readAddress('127.0.0.1')!, readAddress('::1')!];

/**
 * The address, what it may be carried on to, and, where that leads to this machine, the usual names of this machine: a
 * list that closes one of them closes all. 0.0.0.0 and :: are dialled as loopback.
 */
export function listEquals(address: Address): readonly Address[] {
  const all = [address, ...findEmbedded(address)];
  return all.some(isThisMachine) ? [...all, ...loopbacks] : all;
}

/** 127.0.0.0/8, 0.0.0.0/8, :: and ::1: what is dialled as this machine. */
export function isThisMachine(address: Address): boolean {
  if (address.length === 4) return address[0] === 127 || address[0] === 0;
  return address.every((byte, at) => byte === 0 || (at === 15 && byte === 1));
}
