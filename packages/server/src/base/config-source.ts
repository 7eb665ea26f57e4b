// Reads the settings from where they are given: flags, environment, config file.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { clientSettings, type ClientConfig } from './client-config.ts';
import { settings, type Config } from './config.ts';
import type { Setting } from './setting-definition.ts';
import { SettingError } from './setting-kind.ts';

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By flag name, without dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The parsed config file. */
  readonly file: Readonly<Record<string, unknown>>;
}

/** Reads all settings: a flag wins over the environment, that over the file, that over the default. Throws `SettingError` for the first that is wrong. */
export function readConfig(sources: ConfigSources): Config {
  checkFileNames(sources.file);
  return readTable(settings, sources) as Config;
}

/** The settings of a client: a flag wins over the environment. Throws `SettingError`. */
export function readClientConfig(sources: Omit<ConfigSources, 'file'>): ClientConfig {
  return readTable(clientSettings, { ...sources, file: {} }) as ClientConfig;
}

function readTable(table: Readonly<Record<string, Setting<unknown>>>, sources: ConfigSources): unknown {
  const entries = Object.entries(table);
  return Object.fromEntries(entries.map(([name, setting]) => [name, readSetting(setting, sources)]));
}

function readSetting(setting: Setting<unknown>, { env, flags, file }: ConfigSources): unknown {
  const { flag, kind, fallback } = setting;
  const given: [place: string, value: unknown][] = [
    [`--${flag}`, flags[flag]],
    [setting.env, env[setting.env] === '' ? undefined : env[setting.env]],
    [`${flag} in the config file`, file[flag]],
  ];
  const [place, value] = given.find(([, each]) => each !== undefined && each !== null) ?? [];
  if (place === undefined) return fallback;
  try {
    return kind.parse(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    const shown = setting.secret ? '' : ` It was ${JSON.stringify(value)}.`;
    throw new SettingError(`${place}: ${error instanceof Error ? error.message : 'not valid'}.${shown}`);
  }
}

/**
 * A sentence for each variable `FLOWHOOK_…` that is no setting, of the server or of a client: it would be ignored without
 * a word. Those of `flowhook exec` and of the tests are none, and known.
 */
export function warnOfUnknown(env: ConfigSources['env']): string[] {
  const known = new Set(
    [...Object.values(settings), ...Object.values(clientSettings)].map(({ env: name }) => name),
  );
  const unknown = Object.keys(env).filter(
    (name) => /^FLOWHOOK_(?!TEST_|FACTS$|RUN_ID$)/u.test(name) && !known.has(name),
  );
  return unknown.map((name) => {
    const [meant] = [name.replace('FLOWHOOK_', '')].filter((each) => known.has(each));
    const hint = meant === undefined ? 'docs/settings.md lists all.' : `${meant} is one.`;
    return `${name} is no setting, and is ignored: ${hint}`;
  });
}

function checkFileNames(file: Readonly<Record<string, unknown>>): void {
  const known = new Set<string>(Object.values(settings).map(({ flag }) => flag));
  const unknown = Object.keys(file).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new SettingError(
      `The config file has a setting ${JSON.stringify(unknown)} that is not known. Known are: ${[...known].join(', ')}.`,
    );
}

/** Reads the config file: YAML, a name a setting. A file that was asked for must be there. */
export function readConfigFile(path: string): Record<string, unknown> {
  try {
    const value: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it must have lines such as `port: 3005`');
  } catch (error) {
    throw new SettingError(
      `The config file ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
