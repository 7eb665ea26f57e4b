// Pure: what an address is, in whatever spelling it comes, and whether it lies in the public internet.
import ipaddr from 'ipaddr.js';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Range = readonly [Address, number];

/** Addresses at which clouds give out credentials; nothing can open them. AWS, Azure, Google, Alibaba, Oracle, and their kin. */
const metadata = [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fe80::a9fe:a9fe',
];
const metadataAddresses = new Set(metadata.map((text) => ipaddr.parse(text).toNormalizedString()));

/** Public unicast ranges of IPv6; within them the ones below are not. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
// Ranges that ipaddr.js calls unicast but that lead inside, or nowhere (IANA special-purpose registries).
const closed6 = [
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '::/96',
  'fec0::/10',
].map((text) => ipaddr.IPv6.parseCIDR(text));
const closed4 = ['0.0.0.0/8', '192.88.99.0/24', '198.18.0.0/15', '240.0.0.0/4'].map((text) =>
  ipaddr.IPv4.parseCIDR(text),
);

/** Reads an address as a resolver or a URL's host gives it: brackets, zones and embedded IPv4 are taken off. Null where it is none. */
export function readAddress(text: string): Address | null {
  const plain = text.replace(/^\[(.*)\]$/u, '$1').replace(/%.*$/u, '');
  if (!ipaddr.isValid(plain)) return null;
  return unwrap(ipaddr.parse(plain));
}

/** An IPv6 address that only carries an IPv4 one leads to that one. */
function unwrap(address: Address): Address {
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const embedded = findEmbedded(address as ipaddr.IPv6, bytes);
  return embedded === null ? address : ipaddr.fromByteArray(embedded);
}

/** IPv4-mapped, IPv4-compatible, NAT64 (both prefixes), 6to4, Teredo (whose client is stored inverted), ISATAP. */
function findEmbedded(address: ipaddr.IPv6, bytes: number[]): number[] | null {
  const within = (range: string) => address.match(ipaddr.IPv6.parseCIDR(range));
  if (
    within('::ffff:0:0/96') ||
    within('::ffff:0:0:0/96') ||
    within('64:ff9b::/96') ||
    within('64:ff9b:1::/48')
  )
    return bytes.slice(12);
  if (within('::/96') && bytes.slice(12, 15).some((byte) => byte !== 0)) return bytes.slice(12);
  if (within('2002::/16')) return bytes.slice(2, 6);
  if (within('2001::/32')) return bytes.slice(12).map((byte) => 255 - byte);
  const isatap = bytes[8]! % 4 === 0 && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isatap ? bytes.slice(12) : null;
}

/** True for an address of a cloud's metadata service. */
export function isMetadata(address: Address): boolean {
  return metadataAddresses.has(address.toNormalizedString());
}

/** True for what anybody in the internet may be reached at. */
export function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv4') return !closed4.some((range) => (address as ipaddr.IPv4).match(range));
  const six = address as ipaddr.IPv6;
  return six.match(globalUnicast) && !closed6.some((range) => six.match(range));
}

/** Reads `10.0.0.0/8`, `192.168.1.7`, `fd00::/8`; null where it is neither address nor range. */
export function readRange(text: string): Range | null {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.isValid(text) ? unwrap(ipaddr.parse(text)) : null;
    return address === null ? null : [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return null;
  }
}

export function isWithin(address: Address, [base, bits]: Range): boolean {
  return address.kind() === base.kind() && address.match([base, bits] as never);
}
