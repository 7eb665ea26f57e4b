// Pure: the command that starts a program with no network and no other process in sight, by the tools of util-linux that every Debian has.
import { setpriv } from './bubblewrap.ts';
import type { Program } from './program.ts';

export const unshare = '/usr/bin/unshare';

/** It sees every file that its user may read: bubblewrap alone hides those. */
export function wrapInNamespaces({ file, args }: Program, isRoot: boolean): Program {
  const namespaces = [
    // Root needs no namespace of users.
    ...(isRoot ? [] : ['--user', '--map-current-user']),
    '--net',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child=SIGKILL',
    '--mount-proc',
    '--',
  ];
  // Root keeps the right to read what others own, as it had.
  const rights = isRoot ? ['--bounding-set=-all,+dac_override', '--inh-caps=-all'] : [];
  return { file: unshare, args: [...namespaces, setpriv, '--no-new-privs', ...rights, '--', file, ...args] };
}
