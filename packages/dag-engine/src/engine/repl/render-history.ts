import { textOf } from '../model/json.ts';
import { statusIcon } from './render-result.ts';
import type { SessionEntry } from './session-entry.ts';

const MAX_INPUT_CHARACTERS = 100;

/** The last entries, numbered, one line each and one more for a run's status. */
export function renderHistory(entries: readonly SessionEntry[], count: number): readonly string[] {
  if (entries.length === 0) return ['No history'];
  const first = Math.max(0, entries.length - count);
  return entries.slice(first).flatMap((entry, index) => {
    const { status } = entry.engine_run_metadata ?? {};
    const run = typeof status === 'string' ? `  ${statusIcon(status)} ${status}` : '';
    const icon = entry.role === 'user' ? '•' : statusIcon(typeof status === 'string' ? status : 'success');
    const command = entry.command === null ? '' : `/${entry.command} `;
    const input = shortened(textOf(entry.input));
    return [
      `${first + index + 1}. ${icon} ${entry.timestamp} ${entry.role.toUpperCase()} ${command}${input}${run}`,
    ];
  });
}

function shortened(text: string): string {
  const line = text.replaceAll('\n', ' ');
  return line.length <= MAX_INPUT_CHARACTERS ? line : `${line.slice(0, MAX_INPUT_CHARACTERS)}…`;
}
