// Certificates made for a test: an authority and what it signs, good, expired, not yet valid, or for another name.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as never);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

/** PEM, as `https.createServer` takes them. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Days from now. */
export interface Validity {
  readonly from?: number;
  readonly to?: number;
}

export interface TestAuthority {
  readonly cert: string;
  /** A certificate for an IP address or a name. */
  issue(host: string, validity?: Validity): Promise<TestCertificate>;
}

export async function makeAuthority(): Promise<TestAuthority> {
  const keys = await makeKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=Test authority',
    ...showValidity({ from: -60, to: 60 }),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  let serial = 1;
  return {
    cert: ca.toString('pem'),
    async issue(host, validity = {}) {
      const own = await makeKeys();
      serial += 1;
      const cert = await x509.X509CertificateGenerator.create({
        serialNumber: serial.toString(16).padStart(2, '0'),
        subject: `CN=${host}`,
        issuer: ca.subject,
        ...showValidity(validity),
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [nameHost(host)],
      });
      return { cert: cert.toString('pem'), key: await writeKey(own) };
    },
  };
}

/** A certificate that no authority has signed. */
export async function makeSelfSigned(host: string): Promise<TestCertificate> {
  const keys = await makeKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${host}`,
    ...showValidity({}),
    signingAlgorithm: algorithm,
    keys,
    extensions: [nameHost(host)],
  });
  return { cert: cert.toString('pem'), key: await writeKey(keys) };
}

function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function showValidity({ from = -30, to = 30 }: Validity) {
  return { notBefore: new Date(Date.now() + from * dayMs), notAfter: new Date(Date.now() + to * dayMs) };
}

function nameHost(host: string): x509.SubjectAlternativeNameExtension {
  const type = /^[\d.]+$/u.test(host) || host.includes(':') ? 'ip' : 'dns';
  return new x509.SubjectAlternativeNameExtension([{ type, value: host }]);
}

async function writeKey({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const lines = bytes.toString('base64').match(/.{1,64}/gu) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}
