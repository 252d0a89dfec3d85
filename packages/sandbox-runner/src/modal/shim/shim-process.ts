import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Logger } from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import { LineSplitter } from '../../process/line-splitter.ts';
import { OutputCapture } from '../../process/output-capture.ts';
import { signalProcess } from '../../process/signal-process.ts';
import { startProcess } from '../../spawn.ts';
import type { Notice } from '../protocol/messages.ts';
import { ShimConnection } from './shim-connection.ts';
import { shimEnvironment } from './shim-environment.ts';

/** A file that is read whole comes as one line. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const MAX_COMPLAINT_BYTES = 8 * 1024;
const CLOSE_TIMEOUT_MS = 30_000;

type StartedProcess = ReturnType<typeof startProcess>;

export interface ShimProcessOptions {
  /** Interpreter that has the SDK installed. */
  readonly python: string;
  /** Holds the shim's modules. */
  readonly folder: string;
  /** Of the caller; only what the SDK needs is passed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A shim that says nothing for this long is ended by force; it is to say something far more often. */
  readonly silenceMs: number;
  readonly onNotice: (notice: Notice) => void;
  readonly logger: Logger;
}

/** A shim that runs. Disposing it ends it by force; its sandboxes stay. */
export interface ShimProcess extends AsyncDisposable {
  readonly connection: ShimConnection;
  /** Resolves when it has ended, however. */
  readonly ended: Promise<void>;
  /** Says farewell and waits for its end. Gives how many sandboxes it terminated. */
  close(sandboxes: 'leave' | 'terminate'): Promise<number>;
}

/** Starts a shim. Its end, whatever the reason, fails every call and stream retryably. */
export function startShimProcess(options: ShimProcessOptions): ShimProcess {
  const input = new PassThrough();
  // Of a shim that is gone its end tells more than a broken pipe.
  input.on('error', () => input.destroy());
  const { python, folder, env } = options;
  const child = startProcess({
    file: python,
    args: ['-m', 'modal_shim'],
    cwd: folder,
    env: shimEnvironment(env, folder),
    stdin: input,
  });
  const ended = whenEnded(child);
  const kill = (why: string) => {
    options.logger.error({ pid: child.pid, why }, 'the Modal shim is ended by force');
    if (child.pid !== undefined) signalProcess(-child.pid, 'SIGKILL');
  };
  const connection = new ShimConnection({
    send: (line) => input.write(line),
    onNotice: options.onNotice,
    onBroken: kill,
  });

  const { silence, complaints } = listenTo(child, {
    ...options,
    kill,
    receive: (line) => connection.receive(line),
  });

  const over = ended.then(({ kind, how }) => {
    clearTimeout(silence);
    input.destroy();
    connection.lose(
      new SandboxError('SANDBOX_REMOTE_UNAVAILABLE', `the Modal shim has ended: ${how}`, {
        details: { ended: kind, stderr: complaints.text() },
      }),
    );
  });
  return {
    connection,
    ended: over,
    close: async (sandboxes) => {
      const forced = setTimeout(() => kill('it does not end'), CLOSE_TIMEOUT_MS);
      try {
        const { terminated } = await connection.call('shutdown', { sandboxes });
        await over;
        return terminated;
      } finally {
        clearTimeout(forced);
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        signalProcess(-child.pid, 'SIGKILL');
      }
      await over;
    },
  };
}

interface Ears extends Pick<ShimProcessOptions, 'silenceMs' | 'logger'> {
  readonly kill: (why: string) => void;
  readonly receive: (line: string) => void;
}

/** Hears lines, complaints and silence. */
function listenTo(child: StartedProcess, { silenceMs, logger, kill, receive }: Ears) {
  const silence = setTimeout(() => kill('it is silent'), silenceMs);
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  child.stdout?.on('data', (chunk: Uint8Array) => {
    silence.refresh();
    const lines = splitter.add(chunk);
    if (splitter.isCut || lines.some(({ isCut }) => isCut)) kill('a line is too long');
    else for (const { text } of lines) receive(text);
  });
  const complaints = new OutputCapture(MAX_COMPLAINT_BYTES);
  child.stderr?.on('data', (chunk: Uint8Array) => {
    complaints.add(chunk);
    logger.warn({ pid: child.pid, text: Buffer.from(chunk).toString() }, 'the Modal shim says');
  });
  return { silence, complaints };
}

interface ShimEnd {
  readonly kind: 'exited' | 'signalled' | 'not_started';
  readonly how: string;
}

/** Resolves with how it ended once it has and all it said was read. */
async function whenEnded(child: StartedProcess): Promise<ShimEnd> {
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    return signal === null
      ? { kind: 'exited', how: `exit code ${code}` }
      : { kind: 'signalled', how: signal };
  } catch (error) {
    return { kind: 'not_started', how: `it could not be started (${String(error)})` };
  }
}
