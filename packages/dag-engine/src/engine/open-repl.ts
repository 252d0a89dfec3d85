import { isAbsolute, join, resolve } from 'node:path';
import type { EngineParts } from './assembly/engine-parts.ts';
import { CliError } from './errors.ts';
import type { CliProfile } from './model/manifest-set.ts';
import type { CommandFunction } from './repl/command.ts';
import type { ReplEngine } from './repl/repl-engine.ts';
import type { ReplTerminal } from './repl/repl-terminal.ts';
import { createRepl, type Repl } from './repl/repl.ts';
import { loadFunction } from './assembly/load-function.ts';

/** How a conversation is opened. */
export interface ReplOptions {
  readonly terminal: ReplTerminal;
  /** Default: the first profile. */
  readonly profileId?: string;
  /** Shows the history of every session the file holds. Default: of the most recent one. */
  readonly allSessions?: boolean;
}

/** Opens a conversation with an engine under the profiles of its `cli_profiles.yaml`. */
export async function openRepl(parts: EngineParts, engine: ReplEngine, options: ReplOptions): Promise<Repl> {
  const { manifests, workspaceRoot, clock, ids, logger, redact } = parts;
  return await createRepl({
    ...options,
    engine,
    profiles: manifests.cli_profiles,
    workspaceRoot,
    historyFileOf: (profile) => historyFile(parts, profile),
    loadCommand: (entrypoint) => loadCommand(parts, entrypoint),
    clock,
    ids,
    logger,
    redact,
  });
}

/** Relative paths start at the configuration directory. */
function historyFile({ manifests, stateRoot }: EngineParts, { session_policies }: CliProfile): string {
  const declared = session_policies.history_file;
  if (declared === null) return join(stateRoot, 'sessions', 'history.jsonl');
  return isAbsolute(declared) ? declared : resolve(manifests.config_dir, declared);
}

async function loadCommand(parts: EngineParts, entrypoint: string): Promise<CommandFunction> {
  const loaded = await loadFunction<CommandFunction>(entrypoint, parts.options.commands, parts);
  if (loaded.ok) return loaded.value;
  throw new CliError(loaded.failure.message);
}
