import { inspect } from 'node:util';
import { toSwarmError, type SwarmError } from '@agentswarm/core';
import type { CliContext } from './context.ts';
import { exitCodeOfError, type ExitCode } from './exit-codes.ts';
import { hintFor } from './hints.ts';
import { selectPaint } from './view/paint.ts';
import { toTerminalText } from './view/terminal-text.ts';

/** Tells a person what failed and what to do about it; returns the exit code. A stack only at LOG_LEVEL=debug. */
export function presentError(context: Pick<CliContext, 'stderr' | 'env'>, thrown: unknown): ExitCode {
  const error = toSwarmError(thrown);
  const paint = selectPaint(context.stderr, context.env);
  const hint = hintFor(error) ?? (error.cause === undefined ? undefined : hintFor(toSwarmError(error.cause)));
  const lines = [
    // What a server or git said may be part of it.
    `${paint('red', 'error')}: ${toTerminalText(error.message)} ${paint('dim', `[${error.code}]`)}`,
    ...causeLines(error),
    ...(hint === undefined ? [] : [`${paint('cyan', 'hint')}: ${toTerminalText(hint)}`]),
    ...(context.env['LOG_LEVEL'] === 'debug' ? [toTerminalText(inspect(error, { depth: 4 }))] : []),
  ];
  context.stderr.write(`${lines.join('\n')}\n`);
  return exitCodeOfError(error);
}

/** The first reason below the error, when it says something of its own. */
function causeLines({ message, cause }: SwarmError): string[] {
  if (cause === undefined) return [];
  const reason = toSwarmError(cause);
  if (message.includes(reason.message)) return [];
  const said = toTerminalText(reason.message);
  return [`  because: ${reason.code === 'UNKNOWN' ? said : `${said} [${reason.code}]`}`];
}
