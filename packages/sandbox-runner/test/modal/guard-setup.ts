import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { silentLogger, type SandboxLimit } from '@agentswarm/core';
import type { ResolvedLimits } from '../../src/limits/default-limits.ts';
import type { RunInside } from '../../src/inside/inside-command.ts';
import { findGuard } from '../../src/modal/guard/find-guard.ts';
import { startGuard, type Guard, type GuardDoor } from '../../src/modal/guard/start-guard.ts';
import { execProcess } from '../../src/process/exec-process.ts';
import { signalProcess } from '../../src/process/signal-process.ts';
import { temporaryFolder } from '../local-machine.ts';

export const guardCommand: [string, ...string[]] = [process.execPath, findGuard()];

/** Runs a command of the backend's own as a plain process of this machine. */
export const runHere: RunInside = ({ command: [file, ...args], env, cwd, stdin, ...how }) =>
  execProcess({
    process: {
      file,
      args,
      cwd,
      env: { PATH: dirname(process.execPath), ...env },
      ...(stdin === undefined ? {} : { stdin }),
    },
    ...how,
    wrapped: false,
    askToEnd: async (pid) => void signalProcess(-pid, 'SIGTERM'),
    sweep: async () => undefined,
    onProblem: () => undefined,
  });

export const wideLimits: ResolvedLimits = {
  memoryMb: 100_000,
  diskMb: 100_000,
  fileMb: 100_000,
  processes: 10_000,
};

export interface TestGuard extends Guard {
  readonly sandboxId: string;
  /** Of the machine, for doors and their sockets. */
  readonly folder: string;
  /** All that its commands write to. */
  readonly workspace: string;
  /** Resolves when all commands are killed that reached the last limit. */
  readonly calm: () => Promise<void>;
  readonly limitsReached: readonly SandboxLimit[];
  readonly complaints: readonly string[];
}

export interface TestGuardOptions {
  readonly doors?: (folder: string) => readonly GuardDoor[];
  readonly limits?: Partial<ResolvedLimits>;
  readonly command?: [string, ...string[]];
  readonly run?: RunInside;
  readonly sandboxId?: string;
  /** As commands see it. Default: `workspace` of the guard. */
  readonly folders?: readonly string[];
  readonly onLimit?: (limit: SandboxLimit) => void;
}

export function guardHere(options: TestGuardOptions = {}): TestGuard {
  const folder = temporaryFolder('guard');
  const sandboxId = options.sandboxId ?? `sbx-${randomBytes(8).toString('hex')}`;
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  let over = Promise.resolve();
  const limitsReached: SandboxLimit[] = [];
  const complaints: string[] = [];
  const guard = startGuard({
    run: options.run ?? runHere,
    command: options.command ?? guardCommand,
    sandboxId,
    limits: { ...wideLimits, ...options.limits },
    doors: options.doors?.(folder) ?? [],
    folders: options.folders ?? [workspace],
    onLimit: (limit, isOver) => {
      limitsReached.push(limit);
      over = isOver;
      options.onLimit?.(limit);
    },
    logger: {
      ...silentLogger,
      warn: (fields, message) => complaints.push(`${message} ${JSON.stringify(fields)}`),
    },
  });
  return {
    get ready() {
      return guard.ready;
    },
    ended: guard.ended,
    sandboxId,
    folder,
    workspace,
    limitsReached,
    calm: () => over,
    complaints,
    [Symbol.asyncDispose]: () => guard[Symbol.asyncDispose](),
  };
}

/** Serves a Unix socket; each connection is `handle`'s. */
export async function serve(path: string, handle: (socket: Socket) => void) {
  const open = new Set<Socket>();
  let mostOpen = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket.on('error', () => socket.destroy()).once('close', () => open.delete(socket)));
    mostOpen = Math.max(mostOpen, open.size);
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    mostOpen: () => mostOpen,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
