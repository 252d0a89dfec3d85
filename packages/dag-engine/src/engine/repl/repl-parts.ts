import type { Logger } from '@agentswarm/core';
import type { EngineClock, EngineIds } from '../model/engine-ports.ts';
import type { TextMapping } from '../model/frozen-json.ts';
import type { CliProfile } from '../model/manifest-set.ts';
import type { CommandFunction } from './command.ts';
import type { ReplEngine } from './repl-engine.ts';
import type { ReplTerminal } from './repl-terminal.ts';

/** What a REPL is made of. */
export interface ReplParts {
  readonly engine: ReplEngine;
  readonly terminal: ReplTerminal;
  /** At least one. */
  readonly profiles: readonly CliProfile[];
  /** Default: the first profile. */
  readonly profileId?: string;
  /** Shows the history of every session the file holds. Default: of the most recent one. */
  readonly allSessions?: boolean;
  readonly workspaceRoot: string;
  /** Where a profile's session is kept; undefined keeps none. */
  readonly historyFileOf: (profile: CliProfile) => string | undefined;
  /** Finds the function of a custom command's entrypoint; rejects when there is none. */
  readonly loadCommand: (entrypoint: string) => Promise<CommandFunction>;
  /** Removes known secret values from what is shown and kept of a session. */
  readonly redact?: TextMapping;
  readonly clock: EngineClock;
  readonly ids: EngineIds;
  readonly logger: Logger;
}
