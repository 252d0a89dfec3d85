import { toSwarmError } from '@agentswarm/core';
import { CommandError, InterruptedError } from '../errors.ts';
import { QUIT } from './commands/quit-command.ts';
import type { ReplParts } from './repl-parts.ts';
import { ReplSession } from './repl-session.ts';

/** A conversation with an engine, line by line. */
export interface Repl {
  /** Until the person quits or the input ends. Failures of single lines are shown, not thrown. */
  run(): Promise<void>;
  /** What can be completed at the start of a line. */
  readonly words: readonly string[];
  /** What was typed before, oldest first. */
  readonly typedLines: readonly string[];
}

/** @throws {CliError} for an unknown profile or an unreadable history. */
export async function createRepl(parts: ReplParts): Promise<Repl> {
  const session = await ReplSession.open(parts);
  return {
    get words() {
      return session.registry.words;
    },
    get typedLines() {
      return session.typedLines;
    },
    run: () => runRepl(session, parts),
  };
}

async function runRepl(session: ReplSession, { terminal, logger }: ReplParts): Promise<void> {
  if (terminal.isInteractive) terminal.print('Type what the engine is to do, or /help.');
  for (;;) {
    const read = await terminal.readLine(`[${session.activeProfile.id}]> `);
    if (read.kind === 'end') {
      // The prompt stands on a line of its own; what follows belongs below it.
      if (terminal.isInteractive) terminal.print('');
      return;
    }
    if (read.kind === 'interrupted') {
      terminal.print('Interrupted');
      continue;
    }
    try {
      if ((await answer(session, read.text.trim())) === QUIT) return;
    } catch (error) {
      const { message } = toSwarmError(error);
      session.print(error instanceof InterruptedError ? message : `Error: ${message}`);
      logger.debug({ error: message }, 'a line failed');
    }
  }
}

async function answer(session: ReplSession, line: string): Promise<unknown> {
  if (line === '') return undefined;
  if (!line.startsWith('/')) return await session.runText(line);
  const [, name = '', args = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line) ?? [];
  const command = session.registry.find(name);
  if (command === undefined) throw new CommandError(name, 'there is no such command; /help lists them');
  await session.note({ role: 'user', input: args, command: command.name });
  return await command.run(session, args);
}
