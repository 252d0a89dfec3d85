import type { ExecResult, Sandbox } from '@agentswarm/core';
import { print, printJson, type CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { parseTimeout } from './parse-sandbox-flags.ts';
import type { SandboxRunFlags } from './sandbox-flags.ts';

export interface CommandRun {
  readonly sandbox: Sandbox;
  readonly line: readonly string[];
  readonly flags: SandboxRunFlags;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs one command of a person: its output goes where theirs goes, byte for byte. */
export async function runCommandLine(context: CliContext, run: CommandRun): Promise<ExecResult> {
  const { sandbox, line, flags, env, signal } = run;
  const [program = 'true', ...args] = line;
  const timeoutMs = parseTimeout(flags);
  const exec = sandbox.exec({
    command: [program, ...args],
    ...(env === undefined ? {} : { env }),
    ...(flags.interactive === true ? { stdin: bytesOf(context) } : {}),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    signal,
  });
  if (flags.json !== true) {
    for await (const { stream, bytes } of exec.output) await write(context[stream], bytes);
  }
  return await exec.result;
}

async function* bytesOf(context: CliContext): AsyncGenerator<Uint8Array> {
  for await (const chunk of context.openStdin()) yield Buffer.from(chunk as string | Uint8Array);
}

/** Waits for a slow reader, so that the command waits, too. */
async function write(stream: NodeJS.WritableStream, bytes: Uint8Array): Promise<void> {
  if (stream.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stream.on(event, go);
  });
}

/** Says how a command ended, and gives the exit code for it. */
export function reportCommand(
  context: CliContext,
  ended: { readonly sandbox: Sandbox; readonly result: ExecResult; readonly kept: boolean },
  { json }: Pick<SandboxRunFlags, 'json'>,
): ExitCode {
  const { sandbox, result, kept } = ended;
  if (json === true) printJson(context, { v: 1, sandbox: sandbox.id, kept, ...result });
  else {
    const how = describeEnd(result);
    if (how !== undefined) print({ stdout: context.stderr }, `the command ${how}`);
  }
  return result.reason === 'exited' && result.exitCode === 0 ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
}

/** Undefined for an exit with 0, of which there is nothing to say. */
function describeEnd(result: ExecResult): string | undefined {
  switch (result.reason) {
    case 'exited':
      return result.exitCode === 0 ? undefined : `exited with ${result.exitCode}`;
    case 'signalled':
      return `was ended by ${result.signalName}`;
    case 'timed_out':
      return 'ran into its time limit';
    case 'over_limit':
      return `was ended: the sandbox reached its limit of ${LIMIT_NAMES[result.limit ?? 'processes']}`;
    case 'aborted':
      return 'was ended';
    case 'lost':
      return 'may still run: the connection to it was lost';
    case 'not_started':
      return 'could not be started';
  }
}

const LIMIT_NAMES = {
  cpu_time: 'processor time',
  memory: 'memory',
  disk: 'disk space',
  processes: 'processes',
} as const;
