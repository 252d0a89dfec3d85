/** What {@link claimStdout} needs of a process stream. */
export interface OutputStream {
  write: (chunk: string | Uint8Array, ...rest: never[]) => boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Takes standard output for the frames: everything else that writes to it, `console` included, goes to
 * standard error from now on. A reader that goes away does not end the worker: the intake keeps its work.
 */
export function claimStdout(stdout: OutputStream, stderr: OutputStream): (line: string) => void {
  const write = stdout.write.bind(stdout);
  let open = true;
  stdout.on('error', () => {
    open = false;
  });
  stderr.on('error', ignoreLostReader);
  stdout.write = stderr.write.bind(stderr);
  return (line) => {
    if (open) write(`${line}\n`);
  };
}

function ignoreLostReader(_error: Error): void {
  // Without a reader of standard error there is nobody left to tell.
}
