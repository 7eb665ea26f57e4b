// Every setting as a flag of a command, and all sources read into one Config.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { readConfig, readConfigFile } from '../base/config-source.ts';
import { readEnvironment, settings, type Config } from '../base/config.ts';
import type { Setting } from '../base/setting-definition.ts';

/** What commander gives to an action. */
export type FlagValues = Readonly<Record<string, string | undefined>>;

const usualFile = 'flowhook.yaml';

/** Adds `--port` and its like to a command. */
export function addSettingFlags(command: Command): Command {
  command.option(
    '--config <file>',
    `A YAML file with settings by their flag names; ${usualFile} if it is there.`,
  );
  return addFlags(command, settings);
}

type Table = Readonly<Record<string, Setting<unknown>>>;

/** Adds a flag for each setting of a table. */
export function addFlags(command: Command, table: Table): Command {
  for (const { flag, env, help } of Object.values(table))
    command.option(`--${flag} <value>`, `${help} (${env})`);
  return command;
}

/** The flags that were given, by their names without dashes. */
export function pickFlags(options: object, table: Table): Record<string, string | undefined> {
  const given = options as FlagValues;
  return Object.fromEntries(Object.values(table).map(({ flag }) => [flag, given[toCamel(flag)]]));
}

/** The settings that hold for this call. Throws `SettingError`. */
export function readSettings(options: FlagValues): Config {
  const path = options['config'] ?? (existsSync(usualFile) ? usualFile : undefined);
  const flags = pickFlags(options, settings);
  return readConfig({ env: readEnvironment(), flags, file: path === undefined ? {} : readConfigFile(path) });
}

function toCamel(flag: string): string {
  return flag.replaceAll(/-(.)/gu, (_, letter: string) => letter.toUpperCase());
}
