import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cannotIsolate, temporaryFolder } from '../local-machine.ts';
import { needsRoot, node, python } from './attempt.ts';
import { declareAttempts } from './declare-attempts.ts';
import { plantHost } from './host.ts';

const READ_ONLY = /Read-only file system|Permission denied|No such file/;
const HARM = 'it would change this machine';

declareAttempts('writing outside', [
  { title: 'write a file outside', script: ({ host }) => `echo x >${host.outside}/written` },
  {
    title: 'add a file to the home folder of the host',
    script: ({ host }) => `touch ${host.credentials}/written`,
  },
  {
    title: 'write through a link that it made',
    script: ({ host }) => `ln -s ${host.outside} out && echo x >out/written`,
  },
  {
    title: 'write by climbing out of its folders',
    script: ({ host }) => `echo x >../../../../../../../..${host.outside}/written`,
  },
  {
    title: 'take a file of the host into its folder as a second name of it',
    script: ({ host }) => `ln ${host.outside}/secret mine && echo x >>mine`,
    cannotSucceed: () => (tmpdir() === '/tmp' ? undefined : 'folders for tests may be on different disks'),
  },
  {
    title: 'make a second name of a program of the system in its folder',
    script: () => 'ln /usr/bin/env mine',
    onlyInside: 'the work directory may be on another disk than the system',
    refusal: /cross-device|Read-only|not permitted/i,
  },
  {
    title: 'write to the object store it borrows from',
    script: () =>
      'store=$(head -1 .git/objects/info/alternates) && touch "$store/escape" && rm "$store/escape"',
  },
  {
    title: 'change an object that it borrows',
    script: () =>
      'store=$(head -1 .git/objects/info/alternates) && file=$(find "$store" -type f -path "*/??/*" | head -1) && chmod u+w "$file" && chmod u-w "$file"',
  },
  {
    title: 'plant a hook in the repository it comes from',
    script: ({ host }) => `touch ${host.source.repository}/.git/hooks/post-checkout.escape`,
  },
  {
    title: 'change what all sandboxes see as their users',
    script: ({ root }) => `touch ${root}/etc/passwd.escape && rm ${root}/etc/passwd.escape`,
  },
  {
    title: 'change its users',
    script: () => 'echo x::0:0::/:/bin/sh >>/etc/passwd',
    onlyInside: HARM,
    refusal: READ_ONLY,
  },
  {
    title: 'name another server for its names',
    script: () => 'echo nameserver 1.1.1.1 >/etc/resolv.conf',
    onlyInside: HARM,
    refusal: READ_ONLY,
  },
  {
    title: 'change the operating system',
    script: () => 'echo x >/usr/local/escape',
    onlyInside: HARM,
    refusal: READ_ONLY,
  },
  {
    title: 'replace a program of the system',
    script: () => 'cp /bin/true /usr/bin/git',
    onlyInside: HARM,
    refusal: READ_ONLY,
  },
  { title: 'write to the root folder', script: () => 'touch /x', onlyInside: HARM, refusal: READ_ONLY },
  {
    title: 'replace the node of its next commands',
    script: () => 'cd "$(dirname "$(command -v node)")" && rm node && ln -s /bin/true node',
  },
  {
    title: 'move its folders away',
    script: () => 'cd "$PWD/.." && mv repo moved && mkdir repo',
  },
  {
    title: 'put a folder of its own over another one of its folders',
    script: () => 'mkdir mine && mount --bind mine "$HOME"',
    onlyInside: HARM,
    refusal: /not permitted|must be superuser|permission denied/i,
  },
  {
    title: 'make the system writable again',
    script: () => 'mount -o remount,rw /usr',
    onlyInside: HARM,
    refusal: /not permitted|must be superuser|permission denied/i,
  },
  {
    title: 'uncover what is mounted over',
    script: () => 'umount /proc/1 || umount /proc/sys || umount "$HOME"',
    onlyInside: HARM,
    refusal: /not permitted|must be superuser|umount failed|no mount point/i,
  },
  {
    title: 'steer an overlay by the names of its settings',
    needs: ['python3'],
    spec: { checkout: 'overlay' },
    script: ({ host }) =>
      python(`import os, sys
os.mkdir('steered')
try:
    os.setxattr('steered', 'user.overlay.redirect', b'${host.outside}')
    os.setxattr('steered', 'user.overlay.opaque', b'y')
except OSError as error:
    print(error); sys.exit(3)
sys.exit(0 if os.path.exists('steered/secret') else 4)`),
    onlyInside: 'there is no overlay without a sandbox',
    refusal: /^$|not supported|not permitted/,
  },
  {
    title: 'open a file of the host by its number on the disk',
    needs: ['perl'],
    script: ({ host }) =>
      `${host.handle === undefined ? 'exit 5' : ''}
perl -e '
my %call = (x86_64 => 304, aarch64 => 265);
open(my $fd, "<", $ENV{HOME}) or opendir(my $dh, $ENV{HOME}) or die;
my $machine = qx(uname -m); chomp $machine;
my $handle = pack("H*", "${host.handle}");
opendir(my $d, $ENV{HOME}) or die;
my $got = syscall($call{$machine}, fileno($d), $handle, 0);
exit 4 if $got < 0;
open(my $file, "<&=", $got) or die; exit(<$file> =~ /canary/ ? 0 : 3);'`,
    cannotSucceed: (host) =>
      needsRoot() ?? (host.handle === undefined ? 'this disk has no such numbers' : undefined),
  },
  {
    title: 'leave a file of the superuser behind that everybody may run as him',
    script: () =>
      node(`const fs = require('node:fs');
fs.copyFileSync('/bin/sh', 'planted');
fs.chmodSync('planted', 0o4755);
const { execFileSync } = require('node:child_process');
const id = execFileSync('./planted', ['-p', '-c', 'cat /etc/shadow'], { encoding: 'utf8' });
process.exit(id === '' ? 3 : 0);`),
    cannotSucceed: needsRoot,
  },
]);

it('keeps files with special rights that a sandbox leaves behind from the other users of the machine', async () => {
  await using host = await plantHost();
  const backend = cannotIsolate === undefined ? 'auto' : 'none';
  const seen = await host.run(backend, {
    script: ({ root }) => `cp /bin/sh planted; chmod 4755 planted; echo ${root}`,
  });
  expect(seen.exitCode).toBe(0);
  const sandbox = await host.open(backend);
  await sandbox.exec({ command: ['sh', '-c', 'cp /bin/sh planted; chmod 4755 planted'] }).result;
  const { statSync } = await import('node:fs');
  const folder = join(seen.stdout.trim(), 'sandboxes', sandbox.id);
  expect(statSync(join(folder, 'repo', 'planted')).mode & 0o4000).toBe(0o4000);
  expect(statSync(folder).mode & 0o077).toBe(0);
});

it('has temporary files and shared memory of its own', async (context) => {
  if (cannotIsolate !== undefined) context.skip(cannotIsolate);
  await using host = await plantHost();
  const sandbox = await host.open('auto');
  const name = `escape-${process.pid}`;
  const made = await sandbox.exec({
    command: ['sh', '-c', `touch /tmp/${name} /dev/shm/${name} && ls /tmp /dev/shm`],
  }).result;
  expect(made.stdout).toContain(name);
  for (const folder of ['/tmp', '/dev/shm']) expect(existsSync(join(folder, name))).toBe(false);
  const theirs = temporaryFolder('theirs');
  expect((await sandbox.exec({ command: ['ls', theirs] }).result).exitCode).not.toBe(0);
});
