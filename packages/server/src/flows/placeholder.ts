// Pure: parameters in paths: {region}, and {run.date:%Y-%m-%d} for dates; a value never leaves its folder.
import { foldName } from '@flowhook/contract/flow/name';
import type { Parameter } from '../engine/engine.ts';

export type Filled =
  | { readonly ok: true; readonly path: string; readonly unknown: readonly string[] }
  | { readonly ok: false; readonly detail: string };

const placeholder = /\{([A-Za-z_][\w.]*)(?::([^{}]{1,100}))?\}/gu;

/** Where the first placeholder of a path begins; -1 where there is none. */
export function findPlaceholder(path: string): number {
  return path.search(new RegExp(placeholder.source, 'u'));
}

/**
 * Fills a path. A name that no parameter has stays as it stands and is told. A value is one part of a path: it has no
 * separator and is not `.` or `..`; only the format of a date, which the path's author wrote, may make folders.
 * `write` says how a value that passed stands in the path.
 */
export function fillPath(
  path: string,
  parameters: readonly Parameter[],
  write: (value: string) => string = (value) => value,
): Filled {
  const unknown: string[] = [];
  let fault: string | null = null;
  const filled = path.replaceAll(placeholder, (whole, name: string, format: string | undefined) => {
    const parameter = parameters.find((each) => foldName(each.name) === foldName(name));
    if (parameter === undefined) {
      unknown.push(name);
      return whole;
    }
    const text = format === undefined ? writePlain(parameter) : formatDate(parameter, format);
    fault ??= text === null ? `{${name}:${format}} needs a date or datetime and a form as %Y-%m-%d.` : null;
    if (format !== undefined || text === null) return text ?? '';
    fault ??= findPartFault(name, text);
    return write(text);
  });
  return fault === null ? { ok: true, path: filled, unknown } : { ok: false, detail: fault };
}

/** A time has colons, which some file systems refuse. */
function writePlain({ type, value }: Parameter): string {
  return type === 'datetime' ? value.replaceAll(':', '-').replace(' ', 'T') : value;
}

function findPartFault(name: string, text: string): string | null {
  const bad =
    text === '' || text.trim() !== text || /[/\\]|\p{Cc}/u.test(text) || text === '.' || text === '..';
  return bad
    ? `the value ${JSON.stringify(text.slice(0, 60))} of ${name} can't stand in a path: give one part of a path, without / and \\.`
    : null;
}

const parts: Readonly<Record<string, readonly [number, number]>> = {
  Y: [0, 4],
  m: [5, 7],
  d: [8, 10],
  H: [11, 13],
  M: [14, 16],
  S: [17, 19],
};

/** Null where the type is no date, or the form has another sign than %Y %m %d %H %M %S %%. */
function formatDate({ type, value }: Parameter, format: string): string | null {
  if (type !== 'date' && type !== 'datetime') return null;
  const whole = type === 'date' ? `${value} 00:00:00` : value;
  let known = true;
  const text = format.replaceAll(/%(.?)/gu, (_, sign: string) => {
    if (sign === '%') return '%';
    const part = parts[sign];
    known &&= part !== undefined;
    return part === undefined ? '' : whole.slice(...part);
  });
  return known ? text : null;
}
