import type { JsonValue } from '../model/json.ts';
import type { CliProfile } from '../model/manifest-set.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import type { RunResult } from '../model/run-result.ts';
import type { ReplEngine } from './repl-engine.ts';
import type { SessionEntry } from './session-entry.ts';

/** What a command may do. */
export interface CommandContext {
  readonly sessionId: string;
  readonly activeProfile: CliProfile;
  readonly profiles: readonly CliProfile[];
  readonly workspaceRoot: string;
  /** Absolute paths, sorted. */
  readonly attachedFiles: readonly string[];
  /** What it runs ends when the person interrupts. */
  readonly engine: ReplEngine;
  readonly history: readonly SessionEntry[];
  /** Commands by name, without their aliases. */
  readonly commands: readonly Command[];
  /** What the last run was given; undefined before the first. */
  readonly lastInput: JsonValue | undefined;
  readonly print: (line: string) => void;
  /**
   * A line from the person; undefined at the end of the input.
   *
   * @throws {CliError} when the person interrupts: the command is over.
   */
  readonly ask: (prompt: string) => Promise<string | undefined>;
  /** Runs the engine, shows what comes of it and notes it in the history. */
  readonly runEngine: (input: JsonValue, startNodeId?: string) => Promise<RunResult>;
  /** Runs the engine on a line as if the person had typed it. */
  readonly runText: (text: string) => Promise<RunResult>;
  /** @throws {CommandError} when it is outside the workspace or does not exist. */
  readonly attachFile: (path: string) => Promise<string>;
  /** Events of this session's runs. */
  readonly getTelemetry: () => readonly EngineEvent[];
  readonly getCurrentProfile: () => CliProfile;
  /** @throws {CommandError} when there is no such profile. */
  readonly switchProfile: (id: string) => Promise<void>;
}

/** A command's function; `quit` ends the session. */
export type CommandFunction = (context: CommandContext, args: string) => unknown;

/** A slash command. */
export interface Command {
  readonly name: string;
  readonly aliases: readonly string[];
  /** The first line sums it up. */
  readonly help: string;
  readonly run: CommandFunction;
}
