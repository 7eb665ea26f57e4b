// Pure: the arguments with which bubblewrap starts a program that sees its own folder, its inputs, itself, and nothing else.
import type { Program } from './program.ts';

export interface Cell {
  /** The child's folder; it sees it as `ownFolder`. */
  folder: string;
  writes: boolean;
  /** Files that it reads, by their names below its folder. */
  binds: readonly { readonly source: string; readonly name: string }[];
  program: Program;
  /** Read-only for it. */
  programPaths: readonly string[];
  /** Folders that are empty for it, should they lie in one that it sees. */
  hidden: readonly string[];
  /** The user that it becomes; null to stay who we are. */
  user: number | null;
  /** Whether a namespace of users is made: root needs none. */
  unshareUser: boolean;
  /** The descriptor on which bubblewrap tells the child's process id. */
  infoDescriptor: number;
  /** The descriptor that it reads the filter of system calls from; null where there is none. */
  filterDescriptor: number | null;
}

/** Where programs find the system's libraries; what is not there on this system is left out. */
const libraryFolders = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache', '/nix/store'];

/** No program lies here, so that it covers nothing. */
const ownFolder = '/run/flowhook-child';

export function writeArguments(cell: Cell): string[] {
  const { folder, binds, program, programPaths } = cell;
  const own = binds.flatMap(({ source, name }) => ['--ro-bind-try', source, `${ownFolder}/${name}`]);
  return [
    ...isolate(cell),
    ...makeFolders([...programPaths, ...libraryFolders, setpriv, `${ownFolder}/.`]),
    ...[...libraryFolders, ...(cell.user === null ? [] : [setpriv])].flatMap((path) => [
      '--ro-bind-try',
      path,
      path,
    ]),
    ...programPaths.flatMap((path) => ['--ro-bind', path, path]),
    ...cell.hidden
      .filter((path) => programPaths.some((seen) => isInside(path, seen)))
      .flatMap((path) => ['--tmpfs', path]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    cell.writes ? '--bind' : '--ro-bind',
    folder,
    ownFolder,
    ...own,
    '--chdir',
    ownFolder,
    '--',
    ...(cell.user === null ? [] : becomeUser(cell.user)),
    program.file,
    ...program.args,
  ];
}

function isolate({ unshareUser, user, infoDescriptor, filterDescriptor }: Cell): string[] {
  // To become another user takes these, and the last to enter that user's folder; they are gone with the step.
  // A root that stays root keeps the right to read what others own.
  const rights =
    user === null ? ['CAP_DAC_OVERRIDE'] : ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_DAC_READ_SEARCH'];
  const kept = unshareUser ? [] : rights;
  return [
    ...(unshareUser ? ['--unshare-user', '--disable-userns'] : []),
    '--unshare-pid',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    '--new-session',
    '--die-with-parent',
    '--info-fd',
    String(infoDescriptor),
    ...(filterDescriptor === null ? [] : ['--seccomp', String(filterDescriptor)]),
    '--cap-drop',
    'ALL',
    ...kept.flatMap((name) => ['--cap-add', name]),
  ];
}

export const setpriv = '/usr/bin/setpriv';

const becomeUser = (user: number): string[] => [
  setpriv,
  `--reuid=${user}`,
  `--regid=${user}`,
  '--clear-groups',
  '--no-new-privs',
  '--bounding-set=-all',
  '--inh-caps=-all',
  '--',
];

/** The folders above the paths, open to every user: bubblewrap makes them for us alone. */
function makeFolders(paths: readonly string[]): string[] {
  const folders = new Set(paths.flatMap(listAbove));
  return [...folders].sort().flatMap((path) => ['--perms', '0755', '--dir', path]);
}

function listAbove(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

const isInside = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);
