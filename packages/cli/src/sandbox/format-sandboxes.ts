import type { SandboxSummary } from '@agentswarm/core';
import { formatDuration } from '../view/format.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

const STATES: Readonly<Record<SandboxSummary['state'], string>> = {
  held: 'in use',
  detached: 'kept',
  orphaned: 'its process died',
};

/** One line a sandbox, oldest first. */
export function formatSandboxes(sandboxes: readonly SandboxSummary[], nowMs: number): string[] {
  if (sandboxes.length === 0) return ['no sandboxes'];
  return sandboxes
    .toSorted((a, b) => a.createdAtMs - b.createdAtMs)
    .map(({ id, labels, createdAtMs, state }) => {
      const { run, purpose, task, attempt } = labels;
      const what = [purpose, attempt ?? task].filter((part) => part !== undefined).join(' ');
      const age = formatDuration(Math.max(0, nowMs - createdAtMs));
      return toTerminalLine(`${id}  ${STATES[state].padEnd(16)}  ${age.padStart(8)}  ${run}  ${what}`);
    });
}
