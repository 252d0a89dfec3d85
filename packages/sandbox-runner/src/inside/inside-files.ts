import { SandboxError } from '../errors.ts';
import { scriptFailure, startScript, type InsidePath, type RunInside } from './inside-command.ts';
import { READ_FILE, WRITE_FILE } from './inside-scripts.ts';

const TIMEOUT_MS = 60_000;

/**
 * Reads a file by a command inside, where the host does not see it as commands do.
 *
 * @throws {SandboxError} SANDBOX_FILE_REFUSED when it is missing, of another kind or too big.
 */
export async function readByCommand(run: RunInside, path: InsidePath, maxBytes: number): Promise<Uint8Array> {
  const argument = String(maxBytes + 1);
  const exec = startScript(run, { script: READ_FILE, path, argument, timeoutMs: TIMEOUT_MS });
  const parts: Uint8Array[] = [];
  for await (const { stream, bytes } of exec.output) if (stream === 'stdout') parts.push(bytes);
  const failure = scriptFailure(await exec.result);
  if (failure !== undefined) throw refused(path, failure.why, failure.missing);
  const content = Buffer.concat(parts);
  if (content.length > maxBytes) throw refused(path, `is larger than ${maxBytes} bytes`);
  return content;
}

/** Writes a file by a command inside, making the folders that are missing. @throws {SandboxError} SANDBOX_FILE_REFUSED */
export async function writeByCommand(
  run: RunInside,
  path: InsidePath,
  content: string | Uint8Array,
): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const stdin = (async function* () {
    yield bytes;
  })();
  const exec = startScript(run, { script: WRITE_FILE, path, stdin, timeoutMs: TIMEOUT_MS });
  const failure = scriptFailure(await exec.result);
  if (failure !== undefined) throw refused(path, failure.why, failure.missing);
}

function refused({ relative }: InsidePath, why: string, missing = false): SandboxError {
  return new SandboxError('SANDBOX_FILE_REFUSED', `the sandbox's file ${relative} ${why}`, {
    details: { file: relative, missing },
  });
}
