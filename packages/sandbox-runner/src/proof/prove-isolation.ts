import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecResult, Sandbox, SandboxBackend } from '@agentswarm/core';
import { createLocalBackend, type LocalBackendOptions } from '../local/local-backend.ts';
import { ESCAPE_ATTEMPTS, LIMIT_ATTEMPTS, LIMITS_OF_PROOF, type EscapeTargets } from './escape-attempts.ts';

const ATTEMPT_TIMEOUT_MS = 15_000;

/** One attempt to break out of a sandbox of this machine. */
export interface IsolationFinding {
  /** What was tried, as in "tried to …". */
  readonly title: string;
  readonly held: boolean;
  /** How the attempt ended, where it was not held. */
  readonly detail?: string;
}

/**
 * Tries to break out of a sandbox of this machine in the ways that matter most: files, processes, network,
 * limits. What it aims at is prepared for the purpose and removed; nothing else is touched.
 *
 * @throws {SandboxError} ISOLATION_UNAVAILABLE where there is nothing to prove.
 */
export async function proveIsolation(
  options: Pick<LocalBackendOptions, 'path' | 'runtime'>,
): Promise<readonly IsolationFinding[]> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'agentswarm-proof-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'secret');
  await writeFile(file, 'secret');
  const port = await greetOnLoopback(resources);
  const targets: EscapeTargets = { file, folder, port, pid: process.pid };
  const root = join(folder, 'root');
  const backend = resources.use(createLocalBackend({ ...options, root, isolation: 'auto' }));
  return [...(await tryEscapes(backend, targets)), ...(await tryLimits(backend))];
}

async function greetOnLoopback(resources: AsyncDisposableStack): Promise<number> {
  const server = createServer((socket) => {
    // Whoever got here may leave as they like.
    socket.on('error', () => socket.destroy());
    socket.end('hello');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  resources.defer(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

async function tryEscapes(backend: SandboxBackend, targets: EscapeTargets): Promise<IsolationFinding[]> {
  await using sandbox = await backend.create({ labels: { run: 'proof', purpose: 'command' } });
  const alive = await run(sandbox, ['node', '-e', '']);
  if (alive.exitCode !== 0) return [finding('run a command at all', false, alive)];
  const findings: IsolationFinding[] = [];
  for (const { title, command } of ESCAPE_ATTEMPTS) {
    const result = await run(sandbox, command(targets));
    findings.push(finding(title, result.reason === 'exited' && result.exitCode !== 0, result));
  }
  return findings;
}

async function tryLimits(backend: SandboxBackend): Promise<IsolationFinding[]> {
  const findings: IsolationFinding[] = [];
  for (const { title, limit, command } of LIMIT_ATTEMPTS) {
    await using sandbox = await backend.create({
      labels: { run: 'proof', purpose: 'command' },
      limits: LIMITS_OF_PROOF,
    });
    const result = await run(sandbox, command);
    findings.push(finding(title, result.reason === 'over_limit' && result.limit === limit, result));
  }
  return findings;
}

function run(sandbox: Sandbox, command: readonly [string, ...string[]]): Promise<ExecResult> {
  return sandbox.exec({ command, timeoutMs: ATTEMPT_TIMEOUT_MS, maxOutputBytes: 4096 }).result;
}

function finding(title: string, held: boolean, result: ExecResult): IsolationFinding {
  if (held) return { title, held };
  const { reason, exitCode, limit, stderr } = result;
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return { title, held, detail: [reason, exitCode ?? limit, said].filter(Boolean).join(' ') };
}
