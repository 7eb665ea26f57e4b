// Every setting as a flag of a command, and all sources read into one Config.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { readConfig, readConfigFile } from '../base/config-source.ts';
import { readEnvironment, settings, type Config } from '../base/config.ts';

/** What commander gives to an action. */
export type FlagValues = Readonly<Record<string, string | undefined>>;

const usualFile = 'flowhook.yaml';

/** Adds `--port` and its like to a command. */
export function addSettingFlags(command: Command): Command {
  command.option(
    '--config <file>',
    `A YAML file with settings by their flag names; ${usualFile} if it is there.`,
  );
  for (const { flag, env, help } of Object.values(settings))
    command.option(`--${flag} <value>`, `${help} (${env})`);
  return command;
}

/** The settings that hold for this call. Throws `SettingError`. */
export function readSettings(options: FlagValues): Config {
  const path = options['config'] ?? (existsSync(usualFile) ? usualFile : undefined);
  const flags = Object.fromEntries(Object.values(settings).map(({ flag }) => [flag, options[toCamel(flag)]]));
  return readConfig({ env: readEnvironment(), flags, file: path === undefined ? {} : readConfigFile(path) });
}

function toCamel(flag: string): string {
  return flag.replaceAll(/-(.)/gu, (_, letter: string) => letter.toUpperCase());
}
