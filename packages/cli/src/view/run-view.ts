import type { JournalRecord, RunState } from '@agentswarm/core';

/** What shows a run while it happens. A fold over the journal: it can never influence the run. */
export interface RunView {
  /** Called for every record in order, with the state after it. */
  show(record: JournalRecord, state: RunState): void;
  /** A line for the person that is not part of the run. */
  note(text: string): void;
  /** The run has ended or failed; restores the terminal. Idempotent. */
  close(): void;
}

/** How a run is shown: at most one of the flags may be given. */
export type OutputMode = 'live' | 'plain' | 'events' | 'json';

export interface OutputFlags {
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly events?: boolean;
}

/** The way asked for; without a flag, live on a terminal that can do it and plain lines elsewhere. */
export function selectOutputMode(
  flags: OutputFlags,
  terminal: { readonly isTTY?: boolean; readonly term: string | undefined },
): OutputMode {
  if (flags.json === true) return 'json';
  if (flags.events === true) return 'events';
  if (flags.plain === true || terminal.isTTY !== true || terminal.term === 'dumb') return 'plain';
  return 'live';
}
