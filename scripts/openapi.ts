// Writes docs/openapi.json from the endpoints of the contract; with --check it only tells whether it is fresh.
import { readFile, writeFile } from 'node:fs/promises';
import { buildDocument } from '@flowhook/contract/openapi/open-api-document';

const target = new URL('../docs/openapi.json', import.meta.url);
const contract = JSON.parse(
  await readFile(new URL('../packages/contract/package.json', import.meta.url), 'utf8'),
) as { version: string };
const text = `${JSON.stringify(buildDocument(contract.version), null, 2)}\n`;

if (process.argv.includes('--check')) await check();
else await writeFile(target, text);

async function check(): Promise<void> {
  const committed = await readFile(target, 'utf8').catch(() => '');
  if (committed === text) return;
  console.error('docs/openapi.json is stale: run node --conditions=flowhook-source scripts/openapi.ts');
  process.exitCode = 1;
}
