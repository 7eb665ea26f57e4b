// Every setting as a flag of a command, and all sources read into one Config.
import type { Command } from 'commander';
import { readConfig, readConfigFile, readEnvironment, settings, type Config } from '../base/config.ts';

/** Adds `--port` and its like to a command. */
export function addSettingFlags(command: Command): Command {
  command.option('--config <file>', 'A YAML file with settings by their flag names.');
  for (const { flag, env, help } of Object.values(settings))
    command.option(`--${flag} <value>`, `${help} (${env})`);
  return command;
}

export function readSettings(options: Readonly<Record<string, string | undefined>>): Config {
  const path = options['config'];
  const flags = Object.fromEntries(Object.values(settings).map(({ flag }) => [flag, options[toCamel(flag)]]));
  return readConfig({ env: readEnvironment(), flags, file: path === undefined ? {} : readConfigFile(path) });
}

function toCamel(flag: string): string {
  return flag.replaceAll(/-(.)/gu, (_, letter: string) => letter.toUpperCase());
}
