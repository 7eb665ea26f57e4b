// flowhook migrate: brings the database to this program's schema and ends.
import type { Command } from 'commander';
import { withDatabase } from './open.ts';
import { addSettingFlags, type FlagValues } from './setting-flag.ts';

export function addMigrate(program: Command): void {
  const command = program.command('migrate').description('Bring the database to this version and end');
  addSettingFlags(command).action(async (options: FlagValues) =>
    // Whoever opens the database migrates it.
    withDatabase(options, async (db) => console.log(`The ${db.read.dialect} database is up to date.`)),
  );
}
