import { existsSync } from 'node:fs';
import { needsRoot, perl, python, type Attempt } from './attempt.ts';
import { declareAttempts } from './declare-attempts.ts';

/** Calls that are not in every libc, by their numbers on x86-64 and arm64. */
const CALLS = {
  setns: [308, 268],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  unshare: [272, 97],
  open_tree: [428, 428],
  fsopen: [430, 430],
  add_key: [248, 217],
  keyctl: [250, 219],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  pidfd_open: [434, 434],
  fanotify_init: [300, 262],
  kexec_load: [246, 104],
  finit_module: [313, 273],
  clock_settime: [227, 112],
  sethostname: [170, 161],
} as const;

const index = process.arch === 'arm64' ? 1 : 0;

/** Succeeds when the call does; `args` are perl expressions. */
function call(name: keyof typeof CALLS, ...args: (string | number)[]): string {
  const passed = [CALLS[name][index], ...args].join(', ');
  return perl(`my $buffer = "\\0" x 256; my $result = syscall(${passed});
print "$result $!\\n"; exit($result >= 0 ? 0 : 3);`);
}

const CLONE_NEWUSER = 0x10000000;
const PTRACE_SEIZE = 0x4206;
const REFUSED = /not permitted|Function not implemented|Permission denied|must be superuser/i;
const HARM = 'it would change this machine';
const PRIVATE = 'only bubblewrap makes such a process';

/** Each writes back what it read, so that nothing changes where it succeeds. */
const settings: readonly Attempt[] = [
  ['decide which program the host runs for a crash', 'kernel/core_pattern'],
  ['decide how much memory the machine promises', 'vm/overcommit_memory'],
  ['decide what the kernel allows to its users', 'kernel/perf_event_paranoid'],
  ['decide when the machine restarts', 'kernel/panic'],
  ['decide how many processes the machine may have', 'kernel/threads-max'],
  ['decide which links are followed', 'fs/protected_symlinks'],
  ['decide how packets are passed on', 'net/ipv4/ip_forward'],
].map(([title = '', path = '']) => ({
  title,
  script: () => `value=$(cat /proc/sys/${path}) && echo "$value" >/proc/sys/${path}`,
  cannotSucceed: () =>
    needsRoot() ?? (existsSync(`/proc/sys/${path}`) ? undefined : `there is no ${path} here`),
}));

declareAttempts('settings of the machine', [
  ...settings,
  {
    title: 'write to any setting below /proc',
    needs: ['python3'],
    script: () =>
      python(`import os, re, sys
found = []
for top, folders, files in os.walk('/proc'):
    if top == '/proc':
        folders[:] = [name for name in folders if not re.match(r'[0-9]+$|self$|thread-self$|pressure$', name)]
    for name in files:
        path = os.path.join(top, name)
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            found.append(path)
        except OSError:
            pass
print('\\n'.join(found))
sys.exit(0 if found else 3)`),
    cannotSucceed: needsRoot,
  },
  {
    title: 'ask the machine to restart by a key',
    script: () => ': >>/proc/sysrq-trigger && : >>/proc/irq/default_smp_affinity',
    onlyInside: 'not every kernel has it',
    refusal: /No such file|Read-only|Permission denied/,
  },
  {
    title: 'set the clock',
    needs: ['perl'],
    script: () => call('clock_settime', 0, 'my $time = pack("qq", time, 0)'),
    onlyInside: HARM,
    refusal: REFUSED,
  },
  {
    title: 'change its host name',
    needs: ['perl'],
    script: () => call('sethostname', 'my $name = "escape"', 6),
    onlyInside: HARM,
    refusal: REFUSED,
  },
  {
    title: 'load a module into the kernel',
    needs: ['perl'],
    script: () => call('finit_module', 0, '$buffer', 0),
    onlyInside: HARM,
    refusal: REFUSED,
  },
  {
    title: 'load another kernel',
    needs: ['perl'],
    script: () => call('kexec_load', 0, 0, 0, 0),
    onlyInside: HARM,
    refusal: REFUSED,
  },
]);

declareAttempts('mounts, namespaces and devices', [
  { title: 'make a user namespace', script: () => 'unshare -U true' },
  {
    title: 'make a user namespace by the call itself',
    needs: ['perl'],
    script: () => call('unshare', CLONE_NEWUSER),
  },
  {
    title: 'become root of a namespace of its own and mount something',
    script: () => 'unshare -Urm mount -t tmpfs none /tmp',
  },
  {
    title: 'mount something',
    script: () => 'unshare -m mount -t tmpfs none /tmp || mount -t tmpfs none /tmp',
    cannotSucceed: needsRoot,
  },
  {
    title: 'mount control groups and name a program for the host to run',
    script: () => 'unshare -UrmC sh -c "mount -t cgroup2 none /mnt && ls /mnt/cgroup.procs"',
    onlyInside: HARM,
    refusal: REFUSED,
  },
  {
    title: 'find control groups to write to',
    script: () =>
      'find / -xdev -name "cgroup.procs" -o -xdev -name release_agent 2>/dev/null | grep -q . || ls /sys/fs/cgroup',
  },
  {
    title: 'enter namespaces of another process',
    script: ({ host }) => `nsenter -t ${host.victim} -m -p true`,
    cannotSucceed: needsRoot,
  },
  {
    title: 'enter a namespace it can open',
    needs: ['perl'],
    script: () =>
      perl(`open(my $ns, "<", "/proc/self/ns/uts") or die;
my $result = syscall(${CALLS.setns[index]}, fileno($ns), 0);
print "$!\\n"; exit($result == 0 ? 0 : 3);`),
    cannotSucceed: needsRoot,
  },
  {
    title: 'copy a mount by the newer calls',
    needs: ['perl'],
    script: () => call('open_tree', -100, 'my $path = "/\\0"', 1),
    cannotSucceed: needsRoot,
  },
  {
    title: 'open a file system by the newer calls',
    needs: ['perl'],
    script: () => call('fsopen', 'my $type = "tmpfs\\0"', 0),
    cannotSucceed: needsRoot,
  },
  { title: 'change its root folder', script: () => '/usr/sbin/chroot / true', cannotSucceed: needsRoot },
  {
    title: 'make a device',
    script: () => 'mknod disk b 8 0 || mknod memory c 1 1 || mknod null c 1 3',
    cannotSucceed: needsRoot,
  },
  { title: 'become root', script: () => '[ "$(id -u)" = 0 ] || sudo -n true', cannotSucceed: needsRoot },
  { title: 'become another user', script: () => 'su -s /bin/sh -c true nobody', cannotSucceed: needsRoot },
  {
    title: 'get rights from the programs of the system that give some',
    script: () =>
      'for program in su sudo mount passwd newgrp pkexec ping; do [ -u "$(command -v $program)" ] && "$program" --version >/dev/null 2>&1; done; grep -E "^Cap(Prm|Eff|Bnd):.*[1-9a-f]" /proc/self/status',
    cannotSucceed: needsRoot,
  },
  {
    title: 'give itself rights again',
    script: () => 'grep -x "NoNewPrivs:.0" /proc/self/status',
    cannotSucceed: () => (existsSync('/proc/self/status') ? undefined : 'only Linux tells'),
  },
]);

declareAttempts('calls that namespaces do not confine', [
  {
    title: 'keep a key in the rings of the user',
    needs: ['perl'],
    script: () =>
      perl(`my ($type, $name, $key) = ("user\\0", "agentswarm-escape\\0", "secret");
my $id = syscall(${CALLS.add_key[index]}, $type, $name, $key, 6, -5);
print "$id $!\\n"; syscall(${CALLS.keyctl[index]}, 21, $id) if $id >= 0; exit($id >= 0 ? 0 : 3);`),
  },
  { title: 'find the session ring of the host', needs: ['perl'], script: () => call('keyctl', 0, -3, 1) },
  {
    title: 'load a program into the kernel',
    needs: ['perl'],
    script: () => call('bpf', 0, 'my $map = pack("IIIII", 2, 4, 4, 1, 0) . "\\0" x 64', 72),
    cannotSucceed: needsRoot,
  },
  {
    title: 'measure what the processor does',
    needs: ['perl'],
    script: () => call('perf_event_open', 'my $event = pack("IIQ", 1, 112, 0) . "\\0" x 112', 0, -1, -1, 0),
    cannotSucceed: needsRoot,
  },
  {
    title: 'handle its own page faults',
    needs: ['perl'],
    script: () => call('userfaultfd', 1),
    cannotSucceed: needsRoot,
  },
  {
    title: 'hand calls to the kernel by a ring, past every filter',
    needs: ['perl'],
    script: () => call('io_uring_setup', 4, '$buffer'),
    cannotSucceed: () => needsRoot(),
  },
  {
    title: 'type into a terminal',
    needs: ['python3'],
    script: () =>
      python(`import fcntl, os, pty, sys, termios
parent, child = pty.openpty()
try:
    fcntl.ioctl(child, termios.TIOCSTI, b'x')
except OSError as error:
    print(error); sys.exit(3)`),
    cannotSucceed: needsRoot,
  },
  {
    title: 'open the terminal of the host',
    script: () => ': </dev/tty',
    onlyInside: 'tests may run without one',
    refusal: /No such device/,
  },
]);

declareAttempts('other processes', [
  { title: 'send a signal to a process of the host', script: ({ host }) => `kill -0 ${host.victim}` },
  {
    title: 'stop a process of the host',
    script: ({ host }) => `kill -STOP ${host.victim} && kill -CONT ${host.victim}`,
  },
  { title: 'slow a process of the host down', script: ({ host }) => `renice -n 1 -p ${host.victim}` },
  {
    title: 'choose who is killed first when memory is short',
    script: ({ host }) =>
      `cat /proc/${host.victim}/oom_score_adj >/dev/null && echo 0 >/proc/${host.victim}/oom_score_adj`,
  },
  {
    title: 'send a signal to every process there is',
    script: ({ host }) => `kill -CONT -1; kill -0 ${host.victim}`,
  },
  {
    title: 'get hold of a process of the host',
    needs: ['perl'],
    script: ({ host }) => call('pidfd_open', host.victim, 0),
  },
  {
    title: 'trace a process of the host',
    needs: ['perl'],
    script: ({ host }) => call('ptrace', PTRACE_SEIZE, host.victim, 0, 0),
    cannotSucceed: needsRoot,
  },
  {
    title: 'read the memory of a process of the host',
    needs: ['perl'],
    script: ({ host }) => `head -c 1 /proc/${host.victim}/maps | grep -q . && : <>/proc/${host.victim}/mem`,
    cannotSucceed: needsRoot,
  },
  {
    title: 'trace the first process of its namespace',
    needs: ['perl'],
    script: () => call('ptrace', PTRACE_SEIZE, 1, 0, 0),
    onlyInside: PRIVATE,
    refusal: REFUSED,
  },
  {
    title: 'write the memory of the first process of its namespace',
    script: () => ': <>/proc/1/mem || : <>/proc/1/task/1/mem',
    onlyInside: PRIVATE,
    refusal: /No such file/,
  },
  {
    title: 'write to the first process of its namespace by a call',
    needs: ['perl'],
    script: () => call('process_vm_writev', 1, 0, 0, 0, 0, 0),
    onlyInside: PRIVATE,
    refusal: REFUSED,
  },
  {
    title: 'end the first process of its namespace',
    script: () => 'kill -9 1; sleep 0.2; echo alive; exit 3',
    onlyInside: PRIVATE,
    refusal: /alive/,
  },
  {
    title: 'see shared memory of the host',
    needs: ['perl'],
    script: ({ host }) => `ipcs -m | grep -w ${host.sharedMemory ?? 'none'}`,
    cannotSucceed: (host) => (host.sharedMemory === undefined ? 'there is no perl here' : undefined),
  },
]);
