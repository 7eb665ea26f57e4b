// flowhook admin: accounts put right from the machine itself, where nobody can sign in any more.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { email as emailForm } from '@flowhook/contract/person/person';
import { StartError } from '../base/start-error.ts';
import { keepNothing } from '../db/kept-answer.ts';
import { createAccount, findAccount, setPassword } from '../people/account.ts';
import { isSetupNeeded, makeSetupToken } from '../people/first-start.ts';
import { withholdLostSecrets } from '../webhooks/tasks/lost-secret.ts';
import { openAnyBox, readEncryptionKeys, renewKeyCheck } from '../workspace/encryption-key.ts';
import { withDatabase } from './open.ts';
import { addSettingFlags, type FlagValues } from './setting-flag.ts';

export function addAdmin(program: Command): void {
  const admin = program
    .command('admin')
    .description('Put accounts and a lost key right, with the server stopped (SQLite)');
  addCreate(admin);
  addReset(admin);
  addLink(admin);
  addForget(admin);
}

function addCreate(admin: Command): void {
  const command = admin
    .command('create-administrator <email>')
    .description('Make an administrator; the password is read from standard input');
  addSettingFlags(command).action(async (given: string, options: FlagValues) => {
    const email = checkEmail(given);
    const password = readPassword();
    await withDatabase(options, async (db) => {
      const account = { email, name: nameOf(email), role: 'administrator', password } as const;
      const { id } = await createAccount({ db, keep: keepNothing }, account);
      console.log(`${email} is administrator ${id}.`);
    });
  });
}

function addReset(admin: Command): void {
  const command = admin
    .command('reset-password <email>')
    .description('Set a password, read from standard input; the sessions of that person end');
  addSettingFlags(command).action(async (email: string, options: FlagValues) => {
    const password = readPassword();
    await withDatabase(options, async (db) => {
      const account = await findAccount(db.read, email);
      if (account === undefined) throw new StartError(`There is no person with the email ${email}.`);
      const change = { personId: account.id, password, field: 'password', keptSession: null, actor: null };
      await setPassword(db, change);
      console.log(`${email} has a new password.`);
    });
  });
}

function addLink(admin: Command): void {
  const command = admin.command('setup-link').description('Print a new one-time link for the set-up');
  addSettingFlags(command).action(async (options: FlagValues) =>
    withDatabase(options, async (db, config) => {
      if (!(await isSetupNeeded(db.read))) throw new StartError('This server has people already: no set-up.');
      const token = await makeSetupToken(db);
      console.log(`${config.baseUrl ?? `http://${config.host}:${config.port}`}/setup?token=${token}`);
    }),
  );
}

function addForget(admin: Command): void {
  const command = admin
    .command('forget-secrets')
    .description('Go on where the encryption key is lost: webhook tasks wait for their secrets anew');
  addSettingFlags(command).action(async (options: FlagValues) =>
    withDatabase(options, async (db, config) => {
      const source = await readEncryptionKeys(config.encryptionKey, resolve(config.dataDir), true);
      const { box, isRight } = await openAnyBox(db, source);
      if (isRight) throw new StartError('The encryption key is the right one: nothing is lost.');
      const waiting = await withholdLostSecrets(db, box);
      await db.transaction((tx) => renewKeyCheck(tx, box));
      console.log(
        `${waiting} webhook tasks wait for their secrets; everything else goes on with the new key.`,
      );
    }),
  );
}

function checkEmail(given: string): string {
  const parsed = emailForm.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new StartError(`${given} is no email address.`);
}

function nameOf(email: string): string {
  return email.split('@')[0]!;
}

/** The first line of standard input: a flag would show it to everybody on the machine. */
function readPassword(): string {
  if (process.stdin.isTTY) console.error('Type the password and end the line:');
  const [line = ''] = readFileSync(0, 'utf8').split('\n');
  return line.replace(/\r$/u, '');
}
