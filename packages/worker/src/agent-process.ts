import { startGroup } from './spawn.ts';

/** Between the request to end and the end by force: less than a sandbox grants its worker. */
const GRACE_MS = 1_000;
/** How long output is awaited from an agent that has ended while something still holds its pipes. */
const DRAIN_MS = 1_000;

type AgentChild = ReturnType<typeof startGroup>;

/** Where a piece of output came from. */
export type OutputStream = 'stdout' | 'stderr';

/** How an agent's process came to its end. */
export type AgentExit =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signalName: string }
  | { readonly kind: 'not_started'; readonly error: NodeJS.ErrnoException };

export interface AgentProcess {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly onOutput: (stream: OutputStream, bytes: Buffer) => void;
  /** Ends it, with all of its group. */
  readonly signal: AbortSignal;
}

/** Runs an agent's program to its end; nothing of its process group is left when it resolves. Never rejects. */
export async function runAgentProcess(agent: AgentProcess): Promise<AgentExit> {
  const child = startGroup(agent.command, { cwd: agent.cwd, env: agent.env });
  child.stdout.on('data', (bytes: Buffer) => agent.onOutput('stdout', bytes));
  child.stderr.on('data', (bytes: Buffer) => agent.onOutput('stderr', bytes));
  child.stdin.on('error', ignoreUnreadPrompt);
  child.stdin.end(agent.stdin);
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  using _ending = endOnAbort(child, agent.signal);
  const exit = await whenExited(child);
  signalGroup(child, 'SIGKILL');
  await drain(child, closed);
  return exit;
}

function ignoreUnreadPrompt(_error: Error): void {
  // An agent that takes its prompt from the file may leave standard input unread.
}

function whenExited(child: AgentChild): Promise<AgentExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not_started', error }));
    child.once('exit', (exitCode, signalName) => {
      if (exitCode !== null) resolve({ kind: 'exited', exitCode });
      else resolve({ kind: 'signalled', signalName: signalName ?? 'a signal' });
    });
  });
}

function endOnAbort(child: AgentChild, signal: AbortSignal): Disposable {
  let force: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(child, 'SIGTERM');
    force = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return {
    [Symbol.dispose]() {
      clearTimeout(force);
      signal.removeEventListener('abort', end);
    },
  };
}

function signalGroup({ pid }: AgentChild, signalName: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signalName);
  } catch (error) {
    // The group is gone already; EPERM says so on macOS, of one that only waits to be collected.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function drain(child: AgentChild, closed: Promise<void>): Promise<void> {
  const timer = setTimeout(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  }, DRAIN_MS);
  if (child.pid !== undefined) await closed;
  clearTimeout(timer);
}
