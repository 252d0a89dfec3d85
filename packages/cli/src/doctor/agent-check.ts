import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, toSwarmError, type SwarmConfig } from '@agentswarm/core';
import { resolveRevision } from '@agentswarm/git';
import { checkAgent as lookForAgent } from '@agentswarm/orchestrator';
import { createLocalBackend } from '@agentswarm/sandbox-runner';
import type { CliContext } from '../context.ts';
import { hintFor } from '../hints.ts';
import { readHostSettings } from '../runs/host-settings.ts';
import { fail, ok, type CheckResult } from './check.ts';

/** Whether the program of AGENT_COMMAND is there inside a sandbox; nothing where the built-in agent works. */
export async function checkAgent(
  repository: string,
  { agentCommand: command, gitMainBranch: revision, isolation, sandboxBackend }: SwarmConfig,
  env: CliContext['env'],
): Promise<CheckResult[]> {
  if (command === undefined) return [];
  const [program] = command;
  // Installing dependencies is not what a doctor does, and a remote sandbox costs.
  if (program.includes('node_modules/') || sandboxBackend !== 'local')
    return [ok('agent', `${program} is looked for when a run starts`)];
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-doctor-'));
  try {
    const commit = await resolveRevision({ workdir: repository, revision });
    if (commit === undefined) return [];
    const { path, registry } = await readHostSettings(env);
    const runtime = { readOnlyPaths: [], nodePath: process.execPath };
    await using backend = createLocalBackend({
      ...{ root, isolation, runtime, path, registry },
      logger: silentLogger,
    });
    await lookForAgent({ backend, run: 'doctor', command, source: { repository, commit } });
    return [ok('agent', `${program} is there inside a sandbox`)];
  } catch (thrown) {
    const error = toSwarmError(thrown);
    // Said by the checks of the machine and of the target.
    if (error.code === 'ISOLATION_UNAVAILABLE' || error.code.startsWith('GIT_')) return [];
    return [fail('agent', error.message, hintFor(error) ?? 'correct AGENT_COMMAND')];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
