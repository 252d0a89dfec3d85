import { dirname, join } from 'node:path/posix';
import type { NetworkPolicy, Sandbox } from '@agentswarm/core';
import { addedLinesMissing } from '../lost-lines.ts';
import { textOf, type TextDecision } from '../resolve-texts.ts';
import { MAX_LOCKFILE_BYTES, type LockfileJob } from './plan-lockfiles.ts';

interface RegenerateOptions {
  readonly network: NetworkPolicy;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Has the tool write one lockfile; undefined when it could not. */
export async function regenerateLockfile(
  sandbox: Sandbox,
  job: LockfileJob,
  { network, timeoutMs, signal }: RegenerateOptions,
): Promise<TextDecision | undefined> {
  const { command, offline, env } = job.kind;
  const file = join(sandbox.paths.workdir, job.path);
  await sandbox.writeFile(file, job.ours);
  const result = await sandbox.exec({
    command: network === 'none' ? [...command, ...offline] : command,
    cwd: dirname(file),
    ...(env === undefined ? {} : { env }),
    timeoutMs,
    signal,
  }).result;
  signal.throwIfAborted();
  if (result.reason !== 'exited' || result.exitCode !== 0) return undefined;
  const text = textOf(await sandbox.readFile(file, { maxBytes: MAX_LOCKFILE_BYTES }));
  return text === undefined || text === '' ? undefined : { text, dropped: droppedLines(job, text) };
}

/** Pins are too many to name: their number tells whether to look. */
function droppedLines({ ours, sides }: LockfileJob, text: string): readonly string[] {
  if (sides === undefined) return [];
  const { base, theirs } = sides;
  return Object.entries({ ours, theirs }).flatMap(([name, side]) => {
    const { length } = addedLinesMissing(base, side, text);
    return length === 0 ? [] : [`${name}: ${length} ${length === 1 ? 'line' : 'lines'} pinned otherwise`];
  });
}
