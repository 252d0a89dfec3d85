import {
  BranchNameSchema,
  type CommitSha,
  type RunId,
  type SandboxBackend,
  type SwarmConfig,
} from '@agentswarm/core';
import { OrchestratorError } from '../errors.ts';

/** Looks for a program as the system does when it starts one. */
const FIND = `case $1 in */*) [ -f "$1" ] && [ -x "$1" ]; exit ;; esac
set -f; IFS=:
for folder in $PATH; do [ -f "$folder/$1" ] && [ -x "$folder/$1" ] && exit 0; done
exit 1`;
const BRANCH = BranchNameSchema.parse('agent-check');
const MAX_LOOK_MS = 30_000;

export interface AgentCheck {
  readonly backend: SandboxBackend;
  readonly run: RunId | 'doctor';
  readonly command: NonNullable<SwarmConfig['agentCommand']>;
  /** Where attempts start from. */
  readonly source: { readonly repository: string; readonly commit: CommitSha };
  readonly signal?: AbortSignal;
}

/**
 * Looks whether the program of AGENT_COMMAND is there inside a sandbox, before attempts and model calls are
 * spent on finding out. Does not start it.
 *
 * @throws {OrchestratorError} AGENT_NOT_FOUND naming the PATH inside.
 */
export async function checkAgent({ backend, run, command, source, signal }: AgentCheck): Promise<void> {
  const [program] = command;
  const aborting = signal === undefined ? {} : { signal };
  await using sandbox = await backend.create(
    {
      labels: { run, purpose: 'command' },
      source: { ...source, branch: BRANCH },
      // Only a path leads into them.
      dependencies: program.includes('node_modules/'),
    },
    aborting,
  );
  const look = (script: string) =>
    sandbox.exec({ command: ['sh', '-c', script, 'sh', program], timeoutMs: MAX_LOOK_MS, ...aborting })
      .result;
  const found = await look(FIND);
  if (found.reason !== 'exited' || found.exitCode === 0) return;
  const where = program.includes('/')
    ? 'in the checkout'
    : `on the PATH ${(await look('echo "$PATH"')).stdout.trim()}`;
  throw new OrchestratorError(
    'AGENT_NOT_FOUND',
    `the agent "${program}" is not there inside a sandbox, ${where}`,
    {
      details: { program, commit: source.commit },
    },
  );
}
