// The example programs: how each is built once and called.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface Language {
  name: string;
  /** The file that readers copy; docs/verifying-signatures.md shows all of it. */
  source: string;
  /** False: the program is run where the language happens to be installed. */
  required: boolean;
  /** What must answer for the program to be runnable. */
  probe: [command: string, ...args: string[]][];
  /** Prepares the program in `folder`; answers the command that METHOD, URL and the files are added to. */
  build(folder: string): Promise<string[]>;
}

export const LANGUAGES: readonly Language[] = [
  {
    name: 'node',
    source: 'node/verify.mjs',
    required: true,
    probe: [[process.execPath, '--version']],
    build: async () => [process.execPath, here('node/main.mjs')],
  },
  {
    name: 'python',
    source: 'python/verify.py',
    required: true,
    probe: [['python3', '--version']],
    build: async () => ['python3', '-B', here('python/main.py')],
  },
  { name: 'go', source: 'go/verify.go', required: true, probe: [['go', 'version']], build: buildGo },
  {
    name: 'java',
    source: 'java/WebhookVerifier.java',
    required: true,
    probe: [
      ['javac', '-version'],
      ['java', '-version'],
    ],
    build: buildJava,
  },
  {
    name: 'shell',
    source: 'shell/verify.sh',
    required: true,
    probe: [
      ['bash', '--version'],
      ['openssl', 'version'],
    ],
    build: async () => ['bash', here('shell/main.sh')],
  },
  {
    name: 'ruby',
    source: 'ruby/verify.rb',
    required: false,
    probe: [['ruby', '--version']],
    build: async () => ['ruby', here('ruby/main.rb')],
  },
  {
    name: 'php',
    source: 'php/verify.php',
    required: false,
    probe: [['php', '--version']],
    build: async () => ['php', here('php/main.php')],
  },
];

async function buildGo(folder: string): Promise<string[]> {
  const program = `${folder}/verify-go`;
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };
  await run('go', ['build', '-o', program, '.'], { cwd: here('go'), env });
  return [program];
}

async function buildJava(folder: string): Promise<string[]> {
  await run('javac', ['-d', folder, here('java/Main.java'), here('java/WebhookVerifier.java')]);
  // Half of a start's time goes into compilers and collectors that a short program never needs.
  return ['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-cp', folder, 'Main'];
}

export async function isInstalled({ probe }: Language): Promise<boolean> {
  try {
    await Promise.all(probe.map(async ([command, ...args]) => run(command, args)));
    return true;
  } catch {
    return false;
  }
}

/** What the program prints and how it exits. `environment` is added to this process's own. */
export async function callProgram(
  [command = '', ...first]: readonly string[],
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ answer: string; exitCode: number; complaint: string }> {
  // Java reads the environment in the locale's encoding: with none, a secret beyond ASCII comes in as question marks.
  const env = { ...process.env, LC_ALL: 'C.UTF-8', ...environment };
  try {
    const { stdout, stderr } = await run(command, [...first, ...args], { env });
    return { answer: stdout.trim(), exitCode: 0, complaint: stderr };
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout: string; stderr: string; code: number };
    return { answer: stdout.trim(), exitCode: code, complaint: stderr };
  }
}
