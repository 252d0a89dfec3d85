import { needsRoot, node, type Place } from './attempt.ts';
import { declareAttempts } from './declare-attempts.ts';
import { CANARY } from './host.ts';

/** Written backwards, so that the command itself does not hold what it looks for. */
function backwards(text: string): string {
  return `"$(echo ${Array.from(text).toReversed().join('')} | rev)"`;
}

const inCredentials = (file: string) => (place: Place) => `grep -q . ${place.host.credentials}/${file}`;

declareAttempts('reading what is not its own', [
  { title: 'read an npm token of the user', script: inCredentials('.npmrc') },
  { title: 'read a password for machines of the user', script: inCredentials('.netrc') },
  { title: 'read the git settings of the user', script: inCredentials('.gitconfig') },
  { title: 'read an ssh key of the user', script: inCredentials('.ssh/id_ed25519') },
  { title: 'read cloud credentials of the user', script: inCredentials('.aws/credentials') },
  { title: 'list the home folder of the host', script: ({ host }) => `ls -A ${host.home} | grep escape` },
  { title: 'read a file of the host by its path', script: ({ host }) => `cat ${host.outside}/secret` },
  {
    title: 'read a file of the host through a link that it made',
    script: ({ host }) => `ln -s ${host.outside} there && cat there/secret`,
  },
  {
    title: 'climb out of the work directory',
    script: ({ host }) => `cd ../../../../../../../.. && cat .${host.outside}/secret`,
  },
  { title: 'read the password hashes', script: () => 'cat /etc/shadow', cannotSucceed: needsRoot },
  {
    title: 'read the keys of the machine',
    script: () => 'cat /etc/ssh/ssh_host_*_key',
    onlyInside: 'a machine need not have any',
    refusal: /No such file/,
  },
  {
    title: 'find the environment of a process of the host',
    script: ({ host }) => `tr '\\0' '\\n' </proc/${host.victim}/environ | grep CANARY`,
  },
  {
    title: 'find a secret in the environment of any process',
    script: () => `cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -q ${backwards(CANARY)}`,
  },
  {
    title: 'read the arguments of processes of the host',
    script: ({ host }) => `tr '\\0' ' ' </proc/${host.victim}/cmdline | grep sleep`,
  },
  { title: 'read what another sandbox keeps', script: ({ root }) => `cat ${root}/sandboxes/*/hom[e]/secret` },
  {
    title: 'read the control folder of another sandbox',
    script: ({ root }) => `cat ${root}/sandboxes/*/control/secret`,
  },
  { title: 'read the records of sandboxes', script: ({ root }) => `cat ${root}/sandboxes/*.json` },
  {
    title: 'see that there are other sandboxes',
    script: ({ root }) => `[ "$(ls -d ${root}/sandboxes/sbx-* | wc -l)" -gt 2 ]`,
  },
  {
    title: 'read the settings of the repository it comes from',
    script: ({ host }) => `cat ${host.source.repository}/.git/config`,
  },
  {
    title: 'find the repository it comes from by what it borrows',
    script: () => 'cat "$(head -1 .git/objects/info/alternates)/../config"',
  },
  {
    title: 'learn a path of the host from its arguments, mounts and checkout',
    script: ({ host }) =>
      // All is read before the command starts that names the path.
      `all=$(cat /proc/*/cmdline /proc/mounts .git/config .git/objects/info/alternates | tr '\\0' ' '); grep -F ${backwards(host.source.folder)} <<<"$all"`,
    onlyInside: 'without a sandbox the paths are those of the host anyway',
    refusal: /^$|No such file/,
  },
  {
    title: 'see processes of the host',
    script: ({ host }) => `ls -d /proc/[0-9]* | grep -x /proc/${host.victim}`,
  },
  {
    title: 'see the root of a process of the host',
    script: ({ host }) => `cat /proc/${host.victim}/root${host.outside}/secret`,
    cannotSucceed: needsRoot,
  },
  {
    title: 'leave through the root or the working directory of any process',
    script: ({ host }) => `cat /proc/*/root${host.outside}/secret /proc/*/cwd/..${host.outside}/secret`,
    onlyInside: 'shown by the attempts on one process',
    refusal: /No such file/,
  },
  {
    title: 'leave through an open descriptor of any process',
    script: ({ host }) =>
      node(`const fs = require('node:fs');
const found = [];
for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
  let fds = [];
  try { fds = fs.readdirSync('/proc/' + pid + '/fd'); } catch {}
  for (const fd of fds) {
    try {
      const target = fs.readlinkSync('/proc/' + pid + '/fd/' + fd);
      const isOutside = target.startsWith('/') && !/^\\/(dev|proc|workspace|tmp)\\//.test(target);
      if (isOutside || target === '${host.outside}/secret') found.push(target);
    } catch {}
  }
}
console.log(found.join('\\n'));
process.exit(found.length > 0 ? 0 : 3);`),
  },
  { title: 'read the messages of the kernel', script: () => 'dmesg | grep -q .', cannotSucceed: needsRoot },
  {
    title: 'read where the kernel keeps its memory',
    script: () => 'cat /proc/iomem /proc/kallsyms /proc/vmallocinfo /proc/kpageflags | head -c 1 | grep -q .',
  },
  { title: 'list the keys of the user', script: () => 'grep -q keyring /proc/keys' },
  { title: 'see the devices of the machine', script: () => 'ls /sys/class/net' },
  {
    title: 'find disks and other devices that hold something',
    script: () => 'ls /dev | grep -E "^(sd|vd|nvme|xvd|dm-|loop|mem|kmsg|kvm|fuse|vsock|dri|snapshot)"',
    cannotSucceed: needsRoot,
  },
  {
    title: 'see the connections of the host',
    script: ({ host }) => `grep -i ":$(printf %04X ${host.tcpPort})" /proc/net/tcp /proc/net/tcp6`,
  },
  {
    title: 'watch files of the host',
    needs: ['python3'],
    script: ({ host }) => `python3 -c "
import ctypes, sys
libc = ctypes.CDLL(None)
sys.exit(0 if libc.inotify_add_watch(libc.inotify_init(), b'${host.outside}', 0xfff) > 0 else 3)"`,
  },
]);
