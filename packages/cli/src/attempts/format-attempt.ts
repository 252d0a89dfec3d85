import type { DiffStat } from '@agentswarm/git';
import { formatBytes, formatDuration, formatQuantity } from '../view/format.ts';
import { toTerminalLine } from '../view/terminal-text.ts';
import { reasonOf } from './attempt-facts.ts';
import type { ChosenCommit } from './choose-commit.ts';
import type { SnapshotFacts, WorkFacts } from './inspect-work.ts';
import type { FoundAttempt } from './open-attempts.ts';

const MAX_FILES = 100;

/** An attempt for people; file names and subjects are those of an agent. */
export function formatAttempt(
  found: FoundAttempt,
  snapshots: readonly SnapshotFacts[],
  shown?: { readonly chosen: ChosenCommit; readonly work: WorkFacts },
): string[] {
  const { attempt, runId } = found;
  const reason = reasonOf(attempt);
  return [
    `${attempt.id}: ${attempt.status}${reason === undefined ? '' : `: ${toTerminalLine(reason)}`}`,
    `  run     ${runId}`,
    `  branch  ${toTerminalLine(attempt.branch)}`,
    `  base    ${attempt.base}`,
    ...(shown === undefined ? ['  head    nothing is kept of it'] : formatWork(shown.chosen, shown.work)),
    ...(snapshots.length === 0 ? [] : ['Snapshots:']),
    ...snapshots.map((snapshot) => formatSnapshot(snapshot, attempt.startedAtMs)),
  ];
}

function formatWork({ commit, snapshot }: ChosenCommit, { commits, files }: WorkFacts): string[] {
  return [
    `  head    ${commit}${snapshot === undefined ? '' : ` (snapshot ${snapshot})`}`,
    'Commits:',
    ...commits.map(({ commit: id, subject }) => `  ${id.slice(0, 10)}  ${toTerminalLine(subject)}`),
    'Files:',
    ...files.slice(0, MAX_FILES).map(formatFile),
    ...(files.length > MAX_FILES ? [`  and ${files.length - MAX_FILES} more`] : []),
  ];
}

function formatFile({ path, insertions, deletions, binary }: DiffStat['files'][number]): string {
  const change = binary ? 'binary' : formatLines({ insertions, deletions });
  return `  ${change.padStart(12)}  ${toTerminalLine(path)}`;
}

function formatSnapshot(snapshot: SnapshotFacts, startedAtMs: number): string {
  const { number, committedAtMs, bytes, files, commit } = snapshot;
  const time = committedAtMs === undefined ? '' : formatDuration(committedAtMs - startedAtMs);
  const size = `${formatQuantity(files, 'file')} ${formatLines(snapshot)}`;
  return `  ${String(number).padStart(4)}  ${time.padStart(7)}  ${formatBytes(bytes).padStart(8)}  ${commit.slice(0, 10)}  ${size}`;
}

function formatLines({ insertions, deletions }: Pick<DiffStat, 'insertions' | 'deletions'>): string {
  return `+${insertions} -${deletions}`;
}
