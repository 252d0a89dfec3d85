import { readFile, stat } from 'node:fs/promises';
import { toSwarmError } from '@agentswarm/core';
import { CliError, CommandError, InterruptedError } from '../errors.ts';
import type { EngineEvent } from '../model/engine-event.ts';
import { isoTime } from '../model/engine-ports.ts';
import { createJsonFreezer } from '../model/frozen-json.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import type { CliProfile } from '../model/manifest-set.ts';
import type { RunResult } from '../model/run-result.ts';
import { CommandRegistry } from './command-registry.ts';
import type { Command, CommandContext } from './command.ts';
import { BUILT_IN_COMMANDS } from './commands/built-in-commands.ts';
import { engineInputOf } from './engine-input.ts';
import { createInterruptibleEngine } from './interruptible-engine.ts';
import { renderResult } from './render-result.ts';
import { renderTelemetry } from './render-telemetry.ts';
import type { ReplEngine } from './repl-engine.ts';
import type { ReplParts } from './repl-parts.ts';
import type { SessionEntry } from './session-entry.ts';
import { SessionHistory } from './session-history.ts';
import { resolveInWorkspace } from './workspace-path.ts';

/** A session: its profile, its files, what was said and what came of it. Commands act on it. */
export class ReplSession implements CommandContext {
  readonly sessionId: string;
  readonly engine: ReplEngine;
  readonly registry = new CommandRegistry(BUILT_IN_COMMANDS);
  readonly #parts: ReplParts;
  #profile: CliProfile;
  #history: SessionHistory;
  #attached: readonly string[] = [];
  #lastInput: JsonValue | undefined;
  #telemetry: readonly EngineEvent[] = [];

  private constructor(parts: ReplParts, profile: CliProfile) {
    this.#parts = parts;
    this.#profile = profile;
    this.engine = createInterruptibleEngine(parts.engine, parts.terminal);
    this.sessionId = `session-${parts.ids.hex(12)}`;
    this.#history = historyOf(parts, profile);
  }

  /** @throws {CliError} for an unknown profile or an unreadable history. */
  static async open(parts: ReplParts): Promise<ReplSession> {
    const { profiles, profileId } = parts;
    const profile = profileId === undefined ? profiles[0] : profiles.find(({ id }) => id === profileId);
    if (profile === undefined) {
      const known = profiles.map(({ id }) => id).join(', ');
      throw new CliError(`there is no profile ${profileId ?? ''}; there are: ${known}`);
    }
    const session = new ReplSession(parts, profile);
    await session.#enter(profile);
    return session;
  }

  get activeProfile(): CliProfile {
    return this.#profile;
  }

  get profiles(): readonly CliProfile[] {
    return this.#parts.profiles;
  }

  get workspaceRoot(): string {
    return this.#parts.workspaceRoot;
  }

  get attachedFiles(): readonly string[] {
    return this.#attached;
  }

  get history(): readonly SessionEntry[] {
    return this.#history.entries;
  }

  /** What a person typed, oldest first, in the sessions that were loaded and in this one. */
  get typedLines(): readonly string[] {
    return this.history.flatMap(({ role, input, command }) => {
      if (role !== 'user' || typeof input !== 'string') return [];
      return [command === null ? input : `/${command} ${input}`.trimEnd()];
    });
  }

  get commands(): readonly Command[] {
    return this.registry.commands;
  }

  get lastInput(): JsonValue | undefined {
    return this.#lastInput;
  }

  readonly print = (line: string): void => {
    const { terminal, redact } = this.#parts;
    terminal.print(redact?.(line) ?? line);
  };

  readonly ask = async (prompt: string): Promise<string | undefined> => {
    const read = await this.#parts.terminal.readLine(prompt);
    if (read.kind === 'interrupted') throw new InterruptedError();
    return read.kind === 'line' ? read.text : undefined;
  };

  readonly getTelemetry = (): readonly EngineEvent[] => this.#telemetry;

  readonly getCurrentProfile = (): CliProfile => this.#profile;

  readonly switchProfile = async (id: string): Promise<void> => {
    const profile = this.profiles.find((other) => other.id === id);
    if (profile === undefined) throw new CommandError('mode', `there is no profile ${id}`, { args: id });
    await this.#enter(profile);
  };

  readonly attachFile = async (path: string): Promise<string> => {
    const place = await resolveInWorkspace(this.workspaceRoot, path);
    if (place === undefined)
      throw new CommandError('attach', `${path} is outside the workspace`, { args: path });
    const { path: file } = place;
    if (!(await isFile(file))) throw new CommandError('attach', `there is no file ${path}`, { args: path });
    this.#attached = [...new Set([...this.#attached, file])].toSorted();
    return file;
  };

  /** Runs the engine on a line a person typed. */
  readonly runText = async (text: string): Promise<RunResult> => {
    await this.note({ role: 'user', input: text, command: null });
    const mapping = this.#profile.input_mapping;
    const contents = mapping.include_contents ? await this.#readAttached() : new Map<string, string>();
    const { sessionId, attachedFiles } = this;
    const parts = { text, profileId: this.#profile.id, sessionId, attachedFiles, contents };
    return await this.runEngine(engineInputOf(parts, mapping));
  };

  readonly runEngine = async (input: JsonValue, startNodeId?: string): Promise<RunResult> => {
    this.#lastInput = input;
    // Every run counts its events from 1, so numbers and ids say nothing about what came before.
    const before = new Set(this.engine.getEvents());
    const result = await this.#run(input, startNodeId);
    const events = this.engine.getEvents().filter((event) => !before.has(event));
    this.#telemetry = [...this.#telemetry, ...events];
    const { presentation_rules: rules, telemetry_overlays: overlays } = this.#profile;
    if (rules.show_telemetry_inline) renderTelemetry(events, overlays).forEach(this.print);
    renderResult(result, rules.truncate_output_lines).forEach(this.print);
    const { task_id, status, execution_time_ms, node_sequence } = result;
    const metadata = { task_id, status, execution_time_ms, node_sequence: [...node_sequence] };
    await this.note({ role: 'system', input: result.output, command: null, metadata });
    return result;
  };

  /** Adds an entry to the history. */
  async note(entry: {
    readonly role: SessionEntry['role'];
    readonly input: JsonValue;
    readonly command: string | null;
    readonly metadata?: JsonObject;
  }): Promise<void> {
    const { role, input, command, metadata = null } = entry;
    await this.#history.add({
      session_id: this.sessionId,
      timestamp: isoTime(this.#parts.clock),
      role,
      input: createJsonFreezer(this.#parts.redact)(input),
      command,
      engine_run_metadata: metadata,
      attached_files: this.#attached,
    });
  }

  /** A file that cannot be read any more is no longer attached: nobody could say anything with it. */
  async #readAttached(): Promise<ReadonlyMap<string, string>> {
    const contents = new Map<string, string>();
    for (const file of this.#attached) {
      try {
        contents.set(file, await readFile(file, 'utf8'));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        this.print(`Warning: ${file} cannot be read (${code ?? 'unknown'}) and is no longer attached`);
      }
    }
    this.#attached = [...contents.keys()];
    return contents;
  }

  async #run(input: JsonValue, startNodeId: string | undefined): Promise<RunResult> {
    try {
      return await this.engine.run(input, startNodeId);
    } catch (error) {
      throw new CliError(toSwarmError(error).message, {}, { cause: error });
    }
  }

  /** Leaves everything as it is when the history of the profile cannot be read. */
  async #enter(profile: CliProfile): Promise<void> {
    const history = historyOf(this.#parts, profile);
    await history.load({ allSessions: this.#parts.allSessions === true });
    this.#history = history;
    this.#profile = profile;
    this.registry.reset();
    for (const { name, entrypoint, aliases, help, description } of this.#profile.custom_commands) {
      try {
        const run = await this.#parts.loadCommand(entrypoint);
        const problem = this.registry.register({
          name,
          aliases,
          help: help === '' ? description : help,
          run,
        });
        if (problem !== undefined) this.print(`Warning: ${problem}`);
      } catch (error) {
        this.print(`Warning: command /${name} could not be loaded: ${toSwarmError(error).message}`);
      }
    }
  }
}

function historyOf({ historyFileOf }: ReplParts, profile: CliProfile): SessionHistory {
  const { persist_history, persist_attachments, max_history_items } = profile.session_policies;
  const file = persist_history ? historyFileOf(profile) : undefined;
  return new SessionHistory({
    ...(file === undefined ? {} : { file }),
    maxItems: max_history_items,
    persistAttachments: persist_attachments,
  });
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
