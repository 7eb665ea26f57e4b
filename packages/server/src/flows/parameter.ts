// Pure: parameters of a flow: names, types, and the values of one run.
import { foldName } from '@flowhook/contract/flow/name';
import type { Parameter, ParameterType } from '../engine/engine.ts';

/** What a caller gives a value to, as clients of the original send it. */
export interface GivenValue {
  readonly key: string;
  readonly value?: unknown;
}

/** A parameter with its default, in the type's usual text. */
export interface DefinedParameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly defaultValue: string;
}

export interface EnvironmentValue {
  readonly key: string;
  readonly value: string;
}

const namePattern = /^[A-Za-z_]\w{0,62}$/u;
const environmentPattern = /^env\.[A-Za-z_]\w{0,62}$/u;
const longestText = 10_000;

export function findNameFault(name: string): string | null {
  return namePattern.test(name)
    ? null
    : 'must begin with a letter or _, and have at most 63 letters, digits and _: as region.';
}

export function findEnvironmentKeyFault(key: string): string | null {
  return environmentPattern.test(key)
    ? null
    : 'must begin with env. and go on with letters, digits and _: as env.region.';
}

export type ReadValue =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly detail: string };

/** Reads a value as JSON has it, or its text. */
export function readValue(type: ParameterType, value: unknown): ReadValue {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return refuse('must be a text, a number, true or false.');
  const text = String(value);
  if (text.includes('\0')) return refuse('must not hold a zero character.');
  return readers[type](text);
}

const readers: Readonly<Record<ParameterType, (text: string) => ReadValue>> = {
  text: (text) =>
    text.length > longestText ? refuse(`must have at most ${longestText} characters.`) : take(text),
  integer: (text) =>
    /^[+-]?\d{1,18}$/u.test(text.trim())
      ? take(BigInt(text.trim().replace('+', '')).toString())
      : refuse('must be a whole number of at most 18 digits.'),
  number: (text) =>
    text.trim() !== '' && /^[+-]?[\d.]+(?:e[+-]?\d+)?$/iu.test(text.trim()) && Number.isFinite(Number(text))
      ? take(String(Number(text)))
      : refuse('must be a number, as 1.5.'),
  boolean: (text) =>
    /^(?:true|false)$/iu.test(text.trim())
      ? take(text.trim().toLowerCase())
      : refuse('must be true or false.'),
  date: (text) => readDate(text.trim()),
  datetime: (text) => readDatetime(text.trim()),
};

function readDate(text: string): ReadValue {
  const at = /^\d{4}-\d{2}-\d{2}$/u.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
    ? take(text)
    : refuse('must be a date, as 2026-03-29.');
}

function readDatetime(text: string): ReadValue {
  const form = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?$/u.exec(
    text,
  );
  const date = form === null ? refuse('') : readDate(form[1]!);
  const at = form !== null && date.ok ? Date.parse(`${form[1]}T${form[2]}${form[3] ?? 'Z'}`) : Number.NaN;
  return Number.isNaN(at)
    ? refuse('must be a date and time, as 2026-03-29T02:30:00Z; UTC unless it says otherwise.')
    : take(writeDatetime(at));
}

/** `2026-03-29 02:30:00`, with milliseconds where there are any. */
function writeDatetime(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '').replace('.000', '');
}

function take(text: string): ReadValue {
  return { ok: true, text };
}

function refuse(detail: string): ReadValue {
  return { ok: false, detail };
}

export interface Sources {
  readonly defined: readonly DefinedParameter[];
  readonly environment: readonly EnvironmentValue[];
  readonly given: readonly GivenValue[];
  /** Epoch milliseconds. */
  readonly referenceAt: number;
}

export interface SettledParameters {
  readonly values: readonly Parameter[];
  /** Keys that no parameter has: a warning, never a refusal. */
  readonly unknown: readonly string[];
  readonly faults: readonly { readonly field: string; readonly detail: string }[];
}

/** The values of one run: what is given, else the default; the last of two values for one key counts. */
export function settleParameters({ defined, environment, given, referenceAt }: Sources): SettledParameters {
  const unknown: string[] = [];
  const faults: { field: string; detail: string }[] = [];
  const chosen = new Map(defined.map(({ name, defaultValue }) => [foldName(name), defaultValue]));
  for (const [index, { key, value }] of given.entries()) {
    const parameter = defined.find(({ name }) => foldName(name) === foldName(key));
    if (parameter === undefined) {
      unknown.push(key);
      continue;
    }
    const read = readValue(parameter.type, value);
    if (read.ok) chosen.set(foldName(key), read.text);
    else faults.push({ field: `runParameters.overrides.data[${index}].value`, detail: read.detail });
  }
  const own = defined.map(({ name, type }) => ({ name, type, value: chosen.get(foldName(name))! }));
  return { values: [...own, ...toText(environment), ...aboutRun(referenceAt)], unknown, faults };
}

function toText(environment: readonly EnvironmentValue[]): Parameter[] {
  return environment.map(({ key, value }) => ({ name: key, type: 'text', value }));
}

function aboutRun(at: number): Parameter[] {
  const value = writeDatetime(at);
  return [
    { name: 'run.date', type: 'date', value: value.slice(0, 10) },
    { name: 'run.time', type: 'datetime', value },
  ];
}

/** The warnings about keys that no parameter has. */
export function describeUnknown(keys: readonly string[]): string[] {
  return keys.map((key) => `No parameter is named ${JSON.stringify(key)}: its value is not used.`);
}
