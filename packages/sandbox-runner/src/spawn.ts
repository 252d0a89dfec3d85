import { spawn, type ChildProcess, type IOType, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { pipeline, Readable, type Writable } from 'node:stream';
import { execa, execaSync } from 'execa';
import { listInheritedDescriptors } from './process/inherited-descriptors.ts';

/** What to start, completely: nothing is inherited from the environment of this process. */
export interface ProcessRequest {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. */
  readonly stdin?: string | AsyncIterable<Uint8Array>;
  /** Written to file descriptor 3, for what must not be seen in the argument list. */
  readonly descriptor3?: string;
  /** Written to file descriptor 4, where there is something for 3. */
  readonly descriptor4?: Uint8Array;
}

/**
 * Starts a process as leader of a group of its own, so that the group can be ended as one. Its
 * streams belong to the caller; it inherits no other descriptor of this process.
 */
export function startProcess(request: ProcessRequest): ChildProcess {
  const more = [request.descriptor3, request.descriptor4].filter((content) => content !== undefined);
  const nothing = openSync(devNull, 'r');
  try {
    const child = spawn(request.file, request.args, {
      cwd: request.cwd,
      env: { ...request.env },
      detached: true,
      stdio: coverInherited(3 + more.length, nothing),
    });
    feed(child.stdin, request.stdin ?? '');
    for (const [index, content] of more.entries()) feed(child.stdio[3 + index] as Writable | null, content);
    return child;
  } finally {
    closeSync(nothing);
  }
}

/** Pipes, and `nothing` in the place of every descriptor that would be passed on by itself. */
function coverInherited(pipes: number, nothing: number): StdioOptions {
  const stdio: (IOType | number)[] = Array.from({ length: pipes }, () => 'pipe');
  for (const descriptor of listInheritedDescriptors()) {
    if (descriptor < pipes) continue;
    // node leaves alone what it is told to ignore.
    while (stdio.length < descriptor) stdio.push('ignore');
    stdio[descriptor] = nothing;
  }
  return stdio;
}

function feed(stream: Writable | null, input: string | Uint8Array | AsyncIterable<Uint8Array>): void {
  // A process that ends without reading its input is judged by how it ended, not by the broken pipe.
  stream?.on('error', () => stream.destroy());
  if (typeof input === 'string' || input instanceof Uint8Array) stream?.end(input);
  // The source hears when nobody reads it any more; what is wrong with the source itself, whoever made it heard.
  else if (stream !== null) pipeline(Readable.from(input), stream, () => stream.destroy());
}

/** How a short, trusted helper program ended. */
export interface HelperResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** One line for error messages. */
  readonly failure: string;
}

export interface HelperRequest {
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Ends the program, as a failure, once its output has more lines than this. */
  readonly maxLines?: number;
}

/** Runs a trusted program of the host to its end, keeping its whole output. */
export async function runHelper(
  file: string,
  args: readonly string[],
  options: HelperRequest,
): Promise<HelperResult> {
  const result = await execa(file, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: options.env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    input: options.input ?? '',
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.maxLines === undefined ? {} : { maxBuffer: options.maxLines, lines: true }),
  });
  options.signal?.throwIfAborted();
  const [stdout, stderr] = [textOf(result.stdout), textOf(result.stderr)];
  const failure = result.failed ? stderr.trim() || (result.shortMessage ?? 'failed') : '';
  return { ok: !result.failed, stdout, stderr, failure };
}

function textOf(output: string | readonly string[]): string {
  return typeof output === 'string' ? output : output.join('\n');
}

/** Tries a program and says how it failed; undefined when it exited with 0. */
export function tryProgram(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): string | undefined {
  const result = execaSync(file, [...args], { env, extendEnv: false, reject: false, timeout: 10_000 });
  if (!result.failed) return undefined;
  return result.stderr.trim() || result.shortMessage;
}
