import type { ExecResult } from '@agentswarm/core';
import type { RunInside } from '../../inside/inside-command.ts';

const TIMEOUT_MS = 30_000;

/** Runs a script that looks for a label, its first argument, in the environments of all processes; it bears none. */
export function runLabelScript(run: RunInside, script: string, label: string): Promise<ExecResult> {
  return run({
    command: ['/bin/sh', '-c', `PATH=/usr/bin:/bin:$PATH\n${script}`, 'sh', label],
    cwd: '/',
    env: { LC_ALL: 'C' },
    maxOutputBytes: 1024,
    timeoutMs: TIMEOUT_MS,
  }).result;
}
