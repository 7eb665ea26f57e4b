// Passwords: argon2id with Node's own implementation, stored in the PHC form; few at once, so that a flood can't take the memory.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Problem } from '../base/error.ts';

// 19 MiB and 2 passes is OWASP's minimum for argon2id; it costs about 31 ms here, 64 MiB and 3 passes 189 ms.
const memoryKib = 19_456;
const passes = 2;
const tagBytes = 32;
/** A flood of sign-ins waits instead of taking 19 MiB each. */
const maxAtOnce = 2;
/** What waits longer than some seconds is of no use to anybody. */
const maxWaiting = 200;

let free = maxAtOnce;
const waiting: (() => void)[] = [];

/** The least and most characters of a password. */
export const passwordLength = { least: 8, max: 1000 };

/** The text to store. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await derive(password, salt, memoryKib, passes);
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${encode(salt)}$${encode(tag)}`;
}

/** Whether the password is the one that was stored; null (no account, no password) costs the same time and is false. */
export async function checkPassword(password: string, stored: string | null): Promise<boolean> {
  const [, , , parameters, salt, tag] = (stored ?? nobody).split('$');
  const [, memory, time] = /^m=(\d+),t=(\d+),p=1$/u.exec(parameters ?? '') ?? [];
  if (memory === undefined || time === undefined || salt === undefined || tag === undefined) return false;
  const expected = Buffer.from(tag, 'base64');
  const found = await derive(password, Buffer.from(salt, 'base64'), Number(memory), Number(time));
  return stored !== null && expected.length === found.length && timingSafeEqual(expected, found);
}

const nobody = `$argon2id$v=19$m=${memoryKib},t=${passes},p=1$${encode(Buffer.alloc(16))}$${encode(Buffer.alloc(tagBytes))}`;

async function derive(password: string, nonce: Buffer, memory: number, time: number): Promise<Buffer> {
  if (waiting.length >= maxWaiting) throw tooBusy();
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free -= 1;
  try {
    return await runArgon2(password, nonce, memory, time);
  } finally {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
}

function tooBusy(): Problem {
  const headers = { 'retry-after': '5' };
  return new Problem('unavailable', 'Too many sign in at this moment: try again in some seconds.', [], {
    headers,
  });
}

function runArgon2(password: string, nonce: Buffer, memory: number, time: number): Promise<Buffer> {
  const parameters = {
    message: Buffer.from(password.normalize('NFKC')),
    nonce,
    parallelism: 1,
    tagLength: tagBytes,
    memory,
    passes: time,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => {
      if (error === null) resolve(Buffer.from(tag));
      else reject(error);
    });
  });
}

function encode(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
