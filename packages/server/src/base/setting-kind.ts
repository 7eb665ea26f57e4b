// Pure: the kinds of values that settings have, each read from text.

export class SettingError extends Error {}

export interface SettingKind<Value> {
  /** For the documentation. */
  readonly name: string;
  /** Throws an error whose message says what is allowed. */
  parse(text: string): Value;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
  tb: 1024 ** 4,
};
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const roleNames = ['api', 'jobs', 'webhooks'] as const;
export type ProcessRole = (typeof roleNames)[number];

function parseWhole(text: string, least: number, max: number, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > max)
    throw new Error(`must be ${what}`);
  return value;
}

function parseBytes(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([kmgt]b|)$/iu.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined)
    throw new Error('must be a size such as 512MB, 2GB or a number of bytes');
  return Math.round(Number(amount) * units[unit.toLowerCase()]!);
}

/** A list from text with commas, or from JSON. */
function parseList(text: string): string[] {
  if (text.trim().startsWith('[')) return parseJsonList(text, 'must be a list, as a,b or ["a", "b"]');
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Numbers in it are taken as texts: YAML writes a list of seconds without quotes. */
function parseJsonList(text: string, advice: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(advice);
  }
  const fits = (each: unknown) => typeof each === 'string' || typeof each === 'number';
  if (!Array.isArray(value) || !value.every(fits)) throw new Error(advice);
  return value.map(String);
}

function parseRegexes(text: string): string[] {
  return parseJsonList(text, 'must be a JSON list of texts, as ["^https://example\\\\.com/"]');
}

function parseRoles(text: string): ProcessRole[] {
  const names = parseList(text);
  const wrong = names.find((name) => !roleNames.includes(name as ProcessRole));
  if (wrong !== undefined || names.length === 0) throw new Error(`must name some of ${roleNames.join(', ')}`);
  return names as ProcessRole[];
}

function parseWaits(text: string): number[] {
  const waits = parseList(text).map(Number);
  const fits =
    waits.length > 0 && waits.length <= 20 && waits.every((wait) => wait > 0 && wait <= 7 * 86_400);
  if (!fits)
    throw new Error('must be 1 to 20 waits in seconds, each above 0 and at most 7 days, as 5,30,120');
  return waits;
}

function parseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/u.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new Error('must be an http:// or https:// address without query');
  return url.href.replace(/\/$/u, '');
}

function parseHeartbeat(text: string): number {
  const what = '0, or a whole number of seconds from 5 to 86400';
  const seconds = parseWhole(text, 0, 86_400, what);
  return seconds === 0 ? 0 : parseWhole(text, 5, 86_400, what);
}

function parseLevel(text: string): string {
  if (!levels.includes(text)) throw new Error(`must be one of ${levels.join(', ')}`);
  return text;
}

const sandboxes = ['auto', 'required', 'off'] as const;
export type Sandbox = (typeof sandboxes)[number];

function parseSandbox(text: string): Sandbox {
  const found = sandboxes.find((mode) => mode === text);
  if (found === undefined) throw new Error(`must be one of ${sandboxes.join(', ')}`);
  return found;
}

function parseSwitch(text: string): boolean {
  if (/^(true|1|on|yes)$/iu.test(text)) return true;
  if (/^(false|0|off|no|)$/iu.test(text)) return false;
  throw new Error('must be true or false');
}

function kind<Value>(name: string, parse: (text: string) => Value): SettingKind<Value> {
  return { name, parse };
}

export const settingKinds = {
  text: kind('text', (text) => text),
  optionalText: kind<string | null>('text', (text) => text),
  port: kind('port', (text) => parseWhole(text, 0, 65_535, 'a port number, 0 to 65535')),
  count: kind('number', (text) => parseWhole(text, 1, 10_000, 'a whole number from 1 to 10000')),
  optionalCount: kind<number | null>('number', (text) =>
    parseWhole(text, 1, 10_000, 'a whole number from 1 to 10000'),
  ),
  seconds: kind('seconds', (text) =>
    parseWhole(text, 1, 366 * 86_400, 'a whole number of seconds, at least 1'),
  ),
  bytes: kind('size', parseBytes),
  list: kind<readonly string[]>('list', parseList),
  regexes: kind<readonly string[]>('JSON list', parseRegexes),
  roles: kind<readonly ProcessRole[]>('list', parseRoles),
  level: kind('level', parseLevel),
  sandbox: kind('auto, required or off', parseSandbox),
  onOff: kind('true or false', parseSwitch),
  waits: kind<readonly number[] | null>('list of seconds', parseWaits),
  url: kind<string | null>('address', parseUrl),
  clientUrl: kind('address', parseUrl),
  heartbeat: kind('seconds', parseHeartbeat),
  wait: kind('seconds', (text) => parseWhole(text, 0, 86_400, 'a whole number of seconds, 0 to 86400')),
};
