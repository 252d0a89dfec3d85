import type { LogFields, Logger } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import type { ResolvedLimits } from '../../limits/default-limits.ts';
import type { InsideCommand, RunInside } from '../../inside/inside-command.ts';
import { sandboxLabel } from '../../process/process-table.ts';
import { answerGuard, type LimitListener } from './answer-guard.ts';
import { guardEnvironment, guardLabel, type DoorPlace, type GuardTerms } from './guard-terms.ts';
import { openGuardSession } from './guard-session.ts';
import { openWire } from './guard-wire.ts';

const MAX_OUTPUT_BYTES = 4 * 1024;
const WRITABLE_FOLDERS = ['/workspace', '/tmp'];

/** A way from inside a sandbox to a Unix socket of the host. */
export interface GuardDoor {
  readonly inside: DoorPlace;
  readonly host: string;
}

export interface StartGuardOptions {
  readonly run: RunInside;
  /** Starts the guard's program inside. */
  readonly command: readonly [string, ...string[]];
  readonly sandboxId: string;
  readonly limits: ResolvedLimits;
  readonly doors: readonly GuardDoor[];
  /** Where commands can write. Default `/workspace` and `/tmp`. */
  readonly folders?: readonly string[];
  /**
   * A limit was reached. When this returns, all commands of the sandbox are killed, those too that are
   * started until `over`.
   */
  readonly onLimit: LimitListener;
  readonly logger: Logger;
}

/** The guard of a sandbox, as the host knows it. Disposing it ends it, and with it its doors and its watch. */
export interface Guard extends AsyncDisposable {
  /** All doors are open. @throws {SandboxError} SANDBOX_SETUP_FAILED when it ended before. */
  readonly ready: Promise<void>;
  /** It has ended, however it came to that. Never fails. */
  readonly ended: Promise<void>;
}

/** How its start turned out. */
type GuardStart = { readonly kind: 'open' } | { readonly kind: 'ended'; readonly cause: unknown };

/**
 * Starts the guard of a sandbox, which takes over from an earlier one. There is no time limit: whoever
 * waits no longer disposes it.
 */
export function startGuard(options: StartGuardOptions): Guard {
  const { run, sandboxId, doors, onLimit, logger } = options;
  const over = new AbortController();
  const opened = Promise.withResolvers<GuardStart>();
  let isOver = false;
  const giveUp = (facts: LogFields, why: string) => {
    if (!isOver) logger.warn({ sandbox: sandboxId, ...facts }, why);
    isOver = true;
    over.abort();
  };
  const { stream, exec } = openWire(
    (stdin) => run({ ...commandOf(options), stdin, signal: over.signal }),
    (text) => logger.warn({ sandbox: sandboxId, text }, 'the guard of a sandbox complains'),
  );
  const session = openGuardSession(stream);
  answerGuard(session, {
    hostSockets: doors.map(({ host }) => host),
    onReady: () => opened.resolve({ kind: 'open' }),
    onLimit,
    onStranger: () => giveUp({}, 'a guard asked for what no guard asks for'),
  });
  for (const part of [stream, session]) {
    part.on('error', (error) => giveUp({ error }, 'the connection to a guard broke'));
    part.on('close', () => over.abort());
  }
  const conclude = (start: GuardStart) => {
    session.destroy();
    stream.destroy();
    opened.resolve(start);
  };
  const ended = exec.result.then(
    (result) => {
      const { reason, exitCode } = result;
      giveUp({ reason, exitCode }, 'the guard of a sandbox ended');
      conclude({ kind: 'ended', cause: result });
    },
    (error: unknown) => conclude({ kind: 'ended', cause: error }),
  );
  return {
    get ready() {
      return requireOpen(opened.promise);
    },
    ended,
    [Symbol.asyncDispose]: async () => {
      isOver = true;
      over.abort();
      await ended;
    },
  };
}

function commandOf({
  command,
  sandboxId,
  limits,
  doors,
  folders = WRITABLE_FOLDERS,
}: StartGuardOptions): InsideCommand {
  const terms: GuardTerms = {
    ownLabel: guardLabel(sandboxId),
    sandboxLabel: sandboxLabel(sandboxId),
    doors: doors.map(({ inside }) => inside),
    limits,
    folders,
  };
  return {
    command: [...command, JSON.stringify(terms)],
    env: guardEnvironment(sandboxId),
    cwd: '/',
    maxOutputBytes: MAX_OUTPUT_BYTES,
  };
}

async function requireOpen(start: Promise<GuardStart>): Promise<void> {
  const known = await start;
  if (known.kind === 'open') return;
  const { cause } = known;
  if (typeof cause === 'object' && cause !== null && 'reason' in cause && cause.reason === 'lost') {
    throw new SandboxError('SANDBOX_STREAM_LOST', 'the connection broke before the guard was ready');
  }
  throw new SandboxError('SANDBOX_SETUP_FAILED', 'the guard of the sandbox ended before it was ready', {
    cause,
  });
}
