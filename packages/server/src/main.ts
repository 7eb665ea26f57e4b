#!/usr/bin/env node
// Checks the Node version before anything else is loaded: on an older one a dependency would crash without a word.
const needed = [24, 7] as const;
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > needed[0] || (major === needed[0] && minor >= needed[1])) {
  const { runProgram } = await import('./cli/program.ts');
  await runProgram(process.argv);
} else {
  console.error(`Flowhook needs Node.js ${needed.join('.')} or newer; this is ${process.versions.node}.`);
  process.exitCode = 1;
}
