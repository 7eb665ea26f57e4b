// flowhook serve: runs the server until it is told to stop.
import type { Command } from 'commander';
import { startApp } from '../app.ts';
import { warnOfUnknown } from '../base/config-source.ts';
import { readEnvironment } from '../base/config.ts';
import { createLog } from '../base/log.ts';
import { collectStartGarbage } from '../base/start-garbage.ts';
import { version } from '../base/version.ts';
import { addSettingFlags, readSettings, type FlagValues } from './setting-flag.ts';

export function addServe(program: Command): void {
  addSettingFlags(program.command('serve').description('Run the server.')).action(serve);
}

async function serve(options: FlagValues): Promise<void> {
  const config = readSettings(options);
  const log = createLog(config.logLevel);
  for (const warning of warnOfUnknown(readEnvironment())) log.warn(warning);
  const app = await startApp(config, { log });
  // Before anybody is told: who reads the line may send a signal at once.
  stopOnSignal(async (isSupervised) => {
    const isEnded = await app.stop(isSupervised);
    if (isEnded) log.info('stopped');
    return isEnded;
  });
  collectStartGarbage();
  const link = `Make the first administrator here (the link works once): ${app.setupUrl}`;
  // At once: who waits for the first line finds the second behind it.
  console.log(
    [`Flowhook listens on ${config.baseUrl ?? app.url}`, ...(app.setupUrl === null ? [] : [link])].join('\n'),
  );
  const { roles } = config;
  log.info({ address: app.url, version, roles, database: app.db.read.dialect }, 'listening');
}

/** The first signal stops in order, the second at once. Supervisors send SIGTERM, terminals SIGINT and SIGHUP. */
function stopOnSignal(stop: (isSupervised: boolean) => Promise<boolean>): void {
  let isStopping = false;
  const onSignal = (signal?: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    isStopping = true;
    stop(signal === 'SIGTERM').then(
      (isEnded) => process.exit(isEnded ? 0 : 1),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  // Whoever started it from the repository, and passes signals on, is gone.
  process.once('disconnect', () => void (isStopping || onSignal()));
}
