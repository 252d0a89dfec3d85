import { createReadStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxSpec } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import { readObjectSource } from '../../commits/git-checkout.ts';
import type { HostGit } from '../../commits/host-git.ts';
import type { RunInside } from '../../inside/inside-command.ts';
import { removeTree } from '../../transfer/remove-tree.ts';
import { NEVER_COMMITTED, SANDBOX_GIT_CONFIG } from '../../commits/sandbox-git.ts';
import { REMOTE_BASE, REMOTE_HOME, REMOTE_PATHS, REMOTE_TEMP } from '../files/remote-places.ts';
import { BUNDLE_REF, bundleCommit } from './bundle-commit.ts';

const MAX_MESSAGE_BYTES = 16 * 1024;
const { workdir, control, intake } = REMOTE_PATHS;

const MAKE_FOLDERS = `
set -e
umask 077
mkdir -p ${workdir} ${control} ${REMOTE_HOME} ${REMOTE_TEMP}
printf '%s' "$1" >${REMOTE_HOME}/.gitconfig
`;

/** Takes a bundle on standard input: its objects once, which the checkout and the intake borrow. */
const CHECK_OUT = `
set -e
format=$1 commit=$2 branch=$3 shallow=$4 exclude=$5
init() { git init -q --template= --object-format="$format" "$@"; }
init --bare ${REMOTE_BASE}
[ -z "$shallow" ] || printf '%s' "$shallow" >${REMOTE_BASE}/shallow
cat >${REMOTE_TEMP}/bundle
git -C ${REMOTE_BASE} bundle unbundle ${REMOTE_TEMP}/bundle >/dev/null
rm ${REMOTE_TEMP}/bundle
git -C ${REMOTE_BASE} update-ref ${BUNDLE_REF} "$commit"
init --bare ${intake}
init ${workdir}
for objects in ${intake}/objects ${workdir}/.git/objects; do
  mkdir -p $objects/info
  echo ${REMOTE_BASE}/objects >$objects/info/alternates
  [ -z "$shallow" ] || printf '%s' "$shallow" >$objects/../shallow
done
git -C ${intake} config gc.auto 0
git -C ${intake} config receive.autogc false
mkdir -p ${workdir}/.git/info
printf '%s' "$exclude" >${workdir}/.git/info/exclude
git -C ${workdir} symbolic-ref HEAD "refs/heads/$branch"
git -C ${workdir} reset -q --hard "$commit"
`;

type Source = NonNullable<SandboxSpec['source']>;

/** Makes the folders of a remote sandbox. */
export async function makeRemoteFolders(run: RunInside): Promise<void> {
  await runSetup(run, { script: MAKE_FOLDERS, args: [SANDBOX_GIT_CONFIG] });
}

/**
 * Brings a commit of the host with its history into a remote sandbox and checks it out on its branch.
 *
 * @throws {SandboxError} SANDBOX_SETUP_FAILED
 */
export async function checkOutRemote(
  context: { readonly git: HostGit; readonly run: RunInside },
  { repository, commit, branch }: Source,
): Promise<void> {
  const source = await readObjectSource(context.git, repository);
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-bundle-'));
  try {
    const bundle = await bundleCommit(context.git, { folder, source, commit });
    const exclude = `${NEVER_COMMITTED.join('\n')}\n`;
    const args = [source.format, commit, branch, source.shallow ?? '', exclude];
    const stdin = createReadStream(bundle);
    try {
      await runSetup(context.run, { script: CHECK_OUT, args, stdin });
    } finally {
      // A command that never started has not read it.
      stdin.destroy();
    }
  } finally {
    await removeTree(folder);
  }
}

async function runSetup(
  run: RunInside,
  {
    script,
    args,
    stdin,
  }: {
    readonly script: string;
    readonly args: readonly string[];
    readonly stdin?: AsyncIterable<Uint8Array>;
  },
): Promise<void> {
  const exec = run({
    command: ['/bin/sh', '-c', script, 'sh', ...args],
    env: { LC_ALL: 'C', HOME: REMOTE_HOME },
    cwd: '/',
    maxOutputBytes: MAX_MESSAGE_BYTES,
    ...(stdin === undefined ? {} : { stdin }),
  });
  const { reason, exitCode, stderr } = await exec.result;
  if (exitCode === 0) return;
  throw new SandboxError(
    'SANDBOX_SETUP_FAILED',
    `the sandbox could not be filled (${reason}): ${stderr.trim().slice(-500)}`,
    {
      details: { reason, exitCode },
    },
  );
}
