import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IsolationFinding, IsolationProbe } from '@agentswarm/sandbox-runner';
import type { CliContext } from '../context.ts';
import { runCommand } from '../spawn.ts';
import { fail, ok, warn, type CheckResult } from './check.ts';

const MIN_NODE_MAJOR = 24;
const MIN_FREE_BYTES = 1024 ** 3;
const LITTLE_FREE_BYTES = 5 * 1024 ** 3;

type Env = CliContext['env'];

export function checkNode(version: string): CheckResult {
  const major = Number(version.replace(/^v/, '').split('.', 1)[0]);
  if (major >= MIN_NODE_MAJOR) return ok('node', version);
  return fail('node', `${version} is too old`, `install Node ${MIN_NODE_MAJOR} or newer`);
}

export async function checkGit(env: Env): Promise<CheckResult> {
  const version = await runCommand('git', ['--version'], { env });
  if (version.kind === 'not_started' || version.exitCode !== 0) {
    return fail('git', 'git does not run', 'install git 2.38 or newer');
  }
  const name = version.stdout.trim();
  return (await canMergeWithoutTree(env))
    ? ok('git', `${name}, merges without a work tree`)
    : fail('git', `${name} cannot merge without a work tree`, 'install git 2.38 or newer');
}

/** Tries `git merge-tree --write-tree` on an empty repository of its own: two equal trees merge. */
async function canMergeWithoutTree(env: Env): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'agentswarm-doctor-'));
  try {
    const identity = [
      '-c',
      'user.name=doctor',
      '-c',
      'user.email=doctor@localhost',
      '-c',
      'commit.gpgSign=false',
    ];
    const git = (...args: string[]) => runCommand('git', [...identity, '-C', directory, ...args], { env });
    await git('init', '--quiet', '--template=');
    await git('commit', '--quiet', '--allow-empty', '--message=empty');
    const merged = await git('merge-tree', '--write-tree', 'HEAD', 'HEAD');
    return merged.kind === 'exited' && merged.exitCode === 0;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function checkIsolation(env: Env, isolation: 'auto' | 'none'): Promise<CheckResult> {
  const { probeIsolation, proveIsolation } = await import('@agentswarm/sandbox-runner');
  const path = env['PATH'] ?? '';
  const probe = probeIsolation({ path });
  if (probe.usable) {
    const runtime = { readOnlyPaths: [], nodePath: process.execPath };
    return judgeProof(probe, await proveIsolation({ path, runtime }));
  }
  const detail = `${probe.mechanism}: ${probe.reason ?? 'does not work'}`;
  const fix =
    'install bubblewrap (Debian and Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap) and allow user namespaces, or accept the risk with --isolation none';
  return isolation === 'none'
    ? warn('isolation', `${detail}; off by configuration`, fix)
    : fail('isolation', detail, fix);
}

/** What {@link proveIsolation} of sandbox-runner found, in one line. */
function judgeProof(
  { mechanism, program }: IsolationProbe,
  findings: readonly IsolationFinding[],
): CheckResult {
  const broken = findings.filter(({ held }) => !held);
  const name = `${mechanism} (${program})`;
  if (broken.length === 0)
    return ok('isolation', `${name} held against ${findings.length} attempts to break out`);
  const what = broken.map(({ title, detail }) => `${title} (${detail})`).join('; ');
  return fail(
    'isolation',
    `${name} did not hold ${broken.length} of ${findings.length} attempts: ${what}`,
    'update bubblewrap and the kernel, or run the swarm on another machine',
  );
}

export async function checkDisk(directory: string): Promise<CheckResult> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  const detail = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free at ${directory}`;
  if (freeBytes < MIN_FREE_BYTES)
    return fail('disk', detail, 'free at least 1 GiB: every worker has its own clone');
  if (freeBytes < LITTLE_FREE_BYTES)
    return warn('disk', detail, 'free some space: every worker has its own clone');
  return ok('disk', detail);
}
