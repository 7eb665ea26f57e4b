// The rules of the source tree (ARCHITECTURE.md tells why), each with what is wrong and the way out.
import { basename, dirname, join } from 'node:path/posix';
import { checkDialect } from './dialect-rule.ts';
import { checkDoors } from './door-rule.ts';
import { checkSignatures } from './signature-rule.ts';
import { lineOf, type SourceFile } from './source-scan.ts';
import { checkTables } from './table-rule.ts';

/** From left to right: a file imports from its own room or from one further right. */
const rooms = [
  'main',
  'cli',
  'app',
  'api',
  'transfer',
  'schedules',
  'jobs',
  'webhooks',
  'flows',
  'people',
  'workspace',
  'engine',
  'db',
  'base',
];

/** The same in the web interface. */
const webRooms = ['main', 'router', 'pages', 'parts', 'live', 'api', 'text'];

/** Rooms of their own inside `webhooks`, in the same strict order. */
const webhookRooms = ['ledger', 'trials', 'tasks', 'events', 'deliveries', 'messages', 'sending'];

/** The rooms of the server for tables: those of `webhooks` one by one. */
const tableLine = rooms.flatMap((room) =>
  room === 'webhooks' ? webhookRooms.map((each) => `webhooks/${each}`) : [room],
);

/** The rooms of a package that has them, and how many of them are single files. */
const importLine: Readonly<Record<string, { readonly rooms: readonly string[]; readonly files: number }>> = {
  server: { rooms, files: 3 },
  web: { rooms: webRooms, files: 1 },
};

/** The packages that each package may import. */
const packageLine: Readonly<Record<string, readonly string[]>> = {
  server: ['signature', 'contract', 'client'],
  web: ['client', 'contract', 'signature'],
  client: ['contract'],
  contract: [],
  signature: [],
};

/** Rules that must stay pure. Besides these, every file is that opens with `// Pure:`. */
const pureFiles = [
  'webhooks/events/decision',
  'webhooks/deliveries/delivery-state',
  'webhooks/sending/egress/address',
  'webhooks/sending/egress/policy',
  'webhooks/messages/fact',
  'webhooks/messages/frozen-body',
  'webhooks/messages/header',
  'webhooks/sending/outcome',
  'webhooks/messages/reference',
  'webhooks/deliveries/retry',
  'webhooks/messages/template',
  'webhooks/messages/url-template',
  'jobs/job-state',
  'flows/recipes/recipe-graph',
  'people/flow-access',
  'base/error',
  'base/setting-kind',
].map((name) => `packages/server/src/${name}.ts`);
const pureModules = ['node:crypto', 'node:path', 'node:path/posix', 'node:url', 'node:util', 'node:buffer'];
const purePackages = ['@dagrejs/dagre', 'ipaddr.js', 're2js', 'zod', 'croner'];
const worldWords: readonly (readonly [RegExp, string])[] = [
  [/\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b/gu, 'reads the clock: take the time as an argument'],
  [
    /\bMath\.random\b|\brandom(?:UUID|Bytes|Int)\b|\bgetRandomValues\b/gu,
    'draws lots: take the random value as an argument',
  ],
  [/\bprocess\s*\.|\bglobalThis\s*\./gu, 'touches the process: take what it needs as an argument'],
  [/\bset(?:Timeout|Interval|Immediate)\b/gu, 'waits: leave waiting to the caller'],
  [/\bfetch\s*\(/gu, 'calls the network: leave that to the caller'],
];

const lineLimit = 300;
/** Source files in one folder, tests not counted. */
const folderLimit = 25;
const forbiddenNames = /^(?:utils?|common|helpers?|types?|libs?|index|misc|shared)$/u;
const foreignWords =
  /(?:job_?group|wrangledDataset|webhookFlowTask|importedDataset|outputObject|flowNodeId|jobLibrary)/giu;
const knowForeignWords = /^packages\/(?:contract\/src|client\/src|web\/src|server\/src\/(?:api|transfer))\//u;
const config = 'packages/server/src/base/config.ts';

type Rule = (file: SourceFile, tree: ReadonlyMap<string, SourceFile>) => string[];

/** One line for each violation, with file and line; empty where the tree keeps all rules. */
export function checkStructure(files: readonly SourceFile[]): string[] {
  const tree = new Map(files.map((file) => [file.path, file]));
  const code = files.filter((file) => !isTest(file.path));
  return [
    ...files.flatMap((file) => [...checkName(file), ...checkOpening(file)]),
    ...code.flatMap((file) => rules.flatMap((rule) => rule(file, tree))),
    ...checkTables(code, tableLine),
    ...findCycles(code, tree),
    ...checkSignatures(code),
    ...checkFolders(code),
  ];
}

const rules: readonly Rule[] = [
  checkImports,
  checkBarrel,
  checkPure,
  checkEnvironment,
  checkWords,
  checkLength,
  checkDialect,
  checkDoors,
];

function isTest(path: string): boolean {
  return /\.test\.tsx?$/u.test(path);
}

function checkName({ path }: SourceFile): string[] {
  const names = path.replace(/^packages\/[^/]+\/src\//u, '').split('/');
  return names.flatMap((full) => {
    const name = full.replace(/(?:(?:\.long)?\.test)?\.tsx?$/u, '');
    if (forbiddenNames.test(name)) {
      return [`${path}: the name ${name} says nothing: name the one thing that is in it`];
    }
    return /^[a-z0-9]+(?:-[a-z0-9]+)*$/u.test(name)
      ? []
      : [`${path}: ${full} is not kebab-case, as retry-rule.ts`];
  });
}

function checkOpening({ path, text }: SourceFile): string[] {
  const [first = '', second = ''] = text.split('\n');
  const opening = first.startsWith('#!') ? second : first;
  return /^\/\/ \S/u.test(opening) ? [] : [`${path}:1: must open with one comment line that says its duty`];
}

function checkLength({ path, text }: SourceFile): string[] {
  const lines = text.trimEnd().split('\n').length;
  return lines <= lineLimit ? [] : [`${path}: has ${lines} lines, ${lineLimit} at most: split it by duty`];
}

/** A folder that holds more has rooms in it that want names. */
function checkFolders(files: readonly SourceFile[]): string[] {
  const byFolder = Map.groupBy(files, ({ path }) => dirname(path));
  return [...byFolder].flatMap(([folder, { length }]) =>
    length <= folderLimit || !/\/src(?:\/|$)/u.test(folder)
      ? []
      : [`${folder}: has ${length} source files, ${folderLimit} at most: which rooms are in it?`],
  );
}

function checkBarrel({ path, bare }: SourceFile): string[] {
  return [...bare.matchAll(/^export\s+\*/gmu)].map(
    ({ index }) =>
      `${path}:${lineOf(bare, index)}: passes on another file's exports: let readers import the file itself`,
  );
}

function checkEnvironment({ path, bare }: SourceFile): string[] {
  if (path === config) return [];
  return [...bare.matchAll(/\bprocess\s*\.\s*env\b/gu)].map(
    ({ index }) =>
      `${path}:${lineOf(bare, index)}: process.env is read in base/config.ts alone: add a setting there`,
  );
}

/** Names of the compatible API. In texts they may stand anywhere: an error names the field as the caller wrote it. */
function checkWords({ path, bare }: SourceFile): string[] {
  if (knowForeignWords.test(path)) return [];
  return [...bare.matchAll(foreignWords)].map(
    ({ 0: word, index }) =>
      `${path}:${lineOf(bare, index)}: ${word} is the public API's word: use ours here, and translate in api/ or transfer/`,
  );
}

function checkImports(file: SourceFile): string[] {
  return file.imports.flatMap(({ specifier, line }) => {
    const wrong = judgeImport(file.path, specifier);
    return wrong === undefined ? [] : [`${file.path}:${line}: ${wrong}`];
  });
}

function judgeImport(path: string, specifier: string): string | undefined {
  const [, ownPackage = ''] = path.split('/');
  const [, otherPackage] = /^@flowhook\/([^/]+)/u.exec(specifier) ?? [];
  if (otherPackage !== undefined) {
    if (otherPackage === 'client' && ownPackage === 'server' && roomOf(path) !== 'cli')
      return 'only cli/ may import @flowhook/client: the server does not call itself';
    if (packageLine[ownPackage]?.includes(otherPackage)) return undefined;
    return `packages/${ownPackage} may not import @flowhook/${otherPackage}: move what both need to packages/contract`;
  }
  if (!specifier.startsWith('.')) return undefined;
  const target = join(dirname(path), specifier);
  if (!target.startsWith(`packages/${ownPackage}/src/`)) {
    return `imports ${specifier} from outside of its package's src: what is only for tests stays in tests`;
  }
  return (
    judgeRooms(ownPackage, roomOf(path), roomOf(target), specifier) ??
    judgeWebhookRooms(ownPackage, path, target, specifier)
  );
}

function roomOf(path: string): string {
  const [, , , name = ''] = path.split('/');
  return basename(basename(name, '.ts'), '.tsx');
}

function judgeRooms(ownPackage: string, own: string, other: string, specifier: string): string | undefined {
  const line = importLine[ownPackage];
  if (line === undefined) return undefined;
  const [from, to] = [line.rooms.indexOf(own), line.rooms.indexOf(other)];
  const folders = line.rooms.slice(line.files).join(', ');
  if (from < 0) return `is in ${own}, which is no room: put it into one of ${folders}`;
  if (to < 0) return `imports ${specifier}, and ${other} is no room: put that into one of ${folders}`;
  if (to >= from) return undefined;
  return (
    `${own} imports ${specifier}: ${other} is further left on the import line. ` +
    `Take what is needed as a function that ${ownPackage === 'web' ? 'its caller' : 'app.ts'} hands in, or move the file to where both may read it`
  );
}

function judgeWebhookRooms(
  ownPackage: string,
  path: string,
  target: string,
  specifier: string,
): string | undefined {
  if (ownPackage !== 'server' || ![path, target].every((each) => roomOf(each) === 'webhooks'))
    return undefined;
  const [own, other] = [path, target].map((each) => each.split('/')[4] ?? '');
  const [from, to] = [webhookRooms.indexOf(own!), webhookRooms.indexOf(other!)];
  if (from < 0)
    return `is in webhooks/${own}, which is no room: put it into one of ${webhookRooms.join(', ')}`;
  if (to >= from) return undefined;
  return `webhooks/${own} imports ${specifier}: ${other} is further left. Move what both need to the right, or hand it in`;
}

function isPure({ path, text }: SourceFile): boolean {
  return pureFiles.includes(path) || path.startsWith('packages/web/src/text/') || text.startsWith('// Pure:');
}

function checkPure(file: SourceFile, tree: ReadonlyMap<string, SourceFile>): string[] {
  if (!isPure(file)) return [];
  const imports = file.imports
    .filter(({ typeOnly, specifier }) => !typeOnly && !isPureImport(file.path, specifier, tree))
    .map(
      ({ specifier, line }) =>
        `${file.path}:${line}: is pure, and ${specifier} is not: take its result as an argument`,
    );
  const words = worldWords.flatMap(([pattern, wayOut]) =>
    [...file.bare.matchAll(pattern)].map(
      ({ 0: word, index }) => `${file.path}:${lineOf(file.bare, index)}: is pure, and ${word} ${wayOut}`,
    ),
  );
  return [...imports, ...words];
}

function isPureImport(path: string, specifier: string, tree: ReadonlyMap<string, SourceFile>): boolean {
  if (specifier.startsWith('@flowhook/')) return true;
  if (!specifier.startsWith('.')) return [...pureModules, ...purePackages].includes(specifier);
  const target = tree.get(join(dirname(path), specifier));
  return target !== undefined && isPure(target);
}

/** Each circle once, beginning at its first file by name. */
function findCycles(files: readonly SourceFile[], tree: ReadonlyMap<string, SourceFile>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const back = trail.indexOf(path);
    if (back >= 0) {
      const circle = [...trail.slice(back), path].map((each) => each.replace(/^packages\//u, ''));
      found.push(
        `${path}: imports in a circle: ${circle.join(' -> ')}: move what they share to a file of its own`,
      );
    } else if (!done.has(path)) {
      for (const { specifier } of tree.get(path)?.imports ?? []) {
        const target = join(dirname(path), specifier);
        if (specifier.startsWith('.') && tree.has(target)) visit(target, [...trail, path]);
      }
      done.add(path);
    }
  };
  for (const { path } of files) visit(path, []);
  return found;
}
