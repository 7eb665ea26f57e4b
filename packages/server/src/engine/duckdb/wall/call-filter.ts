// Pure: the system calls that no query needs, as a program for the kernel's filter (seccomp), which bubblewrap puts before the child.

/** Numbers of each call on x86-64 and on arm64; null where there is none. */
const denied: readonly (readonly [name: string, x64: number | null, arm64: number | null])[] = [
  ['acct', 163, 89],
  ['add_key', 248, 217],
  ['adjtimex', 159, 171],
  ['bpf', 321, 280],
  ['chroot', 161, 51],
  ['clock_adjtime', 305, 266],
  ['clock_settime', 227, 112],
  ['delete_module', 176, 106],
  ['fanotify_init', 300, 262],
  ['finit_module', 313, 273],
  ['fsconfig', 431, 431],
  ['fsmount', 432, 432],
  ['fsopen', 430, 430],
  ['fspick', 433, 433],
  ['init_module', 175, 105],
  ['ioperm', 173, null],
  ['iopl', 172, null],
  ['kcmp', 312, 272],
  ['kexec_file_load', 320, 294],
  ['kexec_load', 246, 104],
  ['keyctl', 250, 219],
  ['migrate_pages', 256, 238],
  ['modify_ldt', 154, null],
  ['mount', 165, 40],
  ['mount_setattr', 442, 442],
  ['move_mount', 429, 429],
  ['move_pages', 279, 239],
  ['name_to_handle_at', 303, 264],
  ['open_by_handle_at', 304, 265],
  ['open_tree', 428, 428],
  ['perf_event_open', 298, 241],
  ['personality', 135, 92],
  ['pidfd_getfd', 438, 438],
  ['pivot_root', 155, 41],
  ['process_vm_readv', 310, 270],
  ['process_vm_writev', 311, 271],
  ['ptrace', 101, 117],
  ['quotactl', 179, 60],
  ['reboot', 169, 142],
  ['request_key', 249, 218],
  ['setns', 308, 268],
  ['settimeofday', 164, 170],
  ['swapoff', 168, 225],
  ['swapon', 167, 224],
  ['syslog', 103, 116],
  ['umount2', 166, 39],
  ['unshare', 272, 97],
  ['userfaultfd', 323, 282],
  ['vhangup', 153, 58],
];
/** As if the kernel were older: libraries go another way. What clone3 asks for can't be looked at, what clone does can. */
const missing = { io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427, clone3: 435 };

const machines = {
  x64: { audit: 0xc000_003e, clone: 56, socket: 41, column: 1 },
  arm64: { audit: 0xc000_00b7, clone: 220, socket: 198, column: 2 },
} as const;

/** New namespaces of mounts, control groups, names, messages, users, processes, networks. */
const namespaceFlags = 0x7e02_0000;
const unixFamily = 1;
/** Calls of the x32 kind have this bit. */
const x32 = 0x4000_0000;

const load = 0x20;
const jumpEqual = 0x15;
const jumpAtLeast = 0x35;
const jumpSet = 0x45;
const give = 0x06;
const allow = 0x7fff_0000;
const kill = 0x8000_0000;
const refuse = (errno: number): number => 0x0005_0000 + errno;
const [notPermitted, notThere] = [1, 38];
/** Where the kernel's record has the number of the call, the machine, and the lower half of the first argument. */
const [numberAt, machineAt, argumentAt] = [0, 4, 16];

type Instruction = readonly [code: number, yes: number, no: number, value: number];

/** Null on machines whose numbers are not known here. */
export function writeCallFilter(machine: string): Buffer | null {
  if (machine !== 'x64' && machine !== 'arm64') return null;
  const { audit, clone, socket, column } = machines[machine];
  const answer = (number: number, errno: number): Instruction[] => [
    [jumpEqual, 0, 1, number],
    [give, 0, 0, refuse(errno)],
  ];
  const numbers = denied.map((call) => call[column]).filter((number) => number !== null);
  return encode([
    [load, 0, 0, machineAt],
    [jumpEqual, 1, 0, audit],
    [give, 0, 0, kill],
    [load, 0, 0, numberAt],
    [jumpAtLeast, 0, 1, x32],
    [give, 0, 0, refuse(notPermitted)],
    ...numbers.flatMap((number) => answer(number, notPermitted)),
    ...Object.values(missing).flatMap((number) => answer(number, notThere)),
    // A socket of another family than that of this machine's own files; a process in new namespaces.
    [jumpEqual, 0, 2, socket],
    [load, 0, 0, argumentAt],
    [jumpEqual, 3, 4, unixFamily],
    [jumpEqual, 0, 2, clone],
    [load, 0, 0, argumentAt],
    [jumpSet, 1, 0, namespaceFlags],
    [give, 0, 0, allow],
    [give, 0, 0, refuse(notPermitted)],
  ]);
}

function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, [code, yes, no, value]] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(yes, index * 8 + 2);
    bytes.writeUInt8(no, index * 8 + 3);
    bytes.writeUInt32LE(value, index * 8 + 4);
  }
  return bytes;
}
