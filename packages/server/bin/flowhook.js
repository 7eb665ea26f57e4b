#!/usr/bin/env node
// The flowhook command: what was built, or in the repository its sources, on the Node of the lockfile.
import { existsSync } from 'node:fs';

const sources = new URL('../src/main.ts', import.meta.url);

if (existsSync(sources)) {
  process.argv.splice(2, 0, 'packages/server/src/main.ts');
  await import('../../../scripts/with-install.mjs');
} else {
  await import('../dist/main.js');
}
