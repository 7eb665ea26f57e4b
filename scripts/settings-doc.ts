// Writes docs/settings.md from the tables of settings; with --check it only tells whether it is fresh.
import { readFile, writeFile } from 'node:fs/promises';
import { workspaceSettings } from '@flowhook/contract/workspace/workspace';
import { clientSettings } from '../packages/server/src/base/client-config.ts';
import { settings } from '../packages/server/src/base/config.ts';
import { defaultSettings, settingKeys } from '../packages/server/src/workspace/setting-table.ts';

const target = new URL('../docs/settings.md', import.meta.url);
const text = `# Settings

What a process is started with, and what administrators change while it runs.

<!-- Made by scripts/settings-doc.ts from packages/server/src/base/config.ts and packages/contract/src/workspace/workspace.ts. -->

## Of a process

Every setting can be given as a flag of the command, as an environment variable, or in a config file
(YAML, the flag's name without its dashes as the key; \`--config FILE\`). A flag wins over the environment, that over
the file, that over the default. An empty environment variable counts as unset. An unknown name in the file is an error.

| environment | flag | value | default | what it does |
|---|---|---|---|---|
${Object.values(settings).map(describe).join('\n')}

## Of \`flowhook exec\`

It is a client and reads no config file; [exec.md](exec.md) tells how it is used. \`flowhook export\` and \`flowhook apply\`
have \`--server\`, \`--token\` and \`--token-file\` of these ([flows-as-code.md](flows-as-code.md)).

| environment | flag | value | default | what it does |
|---|---|---|---|---|
${Object.values(clientSettings).map(describe).join('\n')}

## Of the workspace

Administrators change these while the server runs, with \`PATCH /v4/workspace/settings\`; they hold for every process
that shares the database. What is called "first value" above is stored at the first start and not looked at again.

| key | default | what it does |
|---|---|---|
${settingKeys.map(describeWorkspaceSetting).join('\n')}
`;

if (process.argv.includes('--check')) await check();
else await writeFile(target, text);

type Setting =
  | (typeof settings)[keyof typeof settings]
  | (typeof clientSettings)[keyof typeof clientSettings];

function describe({ env, flag, kind, fallback, help }: Setting): string {
  return toRow([`\`${env}\``, `\`--${flag}\``, kind.name, describeDefault(fallback, kind.name), help]);
}

function describeWorkspaceSetting(key: (typeof settingKeys)[number]): string {
  const value = defaultSettings[key];
  const shown =
    value === '' || (Array.isArray(value) && value.length === 0) ? '' : `\`${JSON.stringify(value)}\``;
  return toRow([`\`${key}\``, shown, workspaceSettings.shape[key].description ?? '']);
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}

function describeDefault(value: Setting['fallback'], kind: string): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return '';
  if (kind === 'size') return describeSize(Number(value));
  return `\`${String(value)}\``;
}

function describeSize(bytes: number): string {
  const mib = bytes / 1024 ** 2;
  return mib % 1024 === 0 ? `\`${mib / 1024}GB\`` : `\`${mib}MB\``;
}

async function check(): Promise<void> {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed === text) return;
  console.error('docs/settings.md is stale: run node --conditions=flowhook-source scripts/settings-doc.ts');
  process.exitCode = 1;
}
