const MAX_CHARACTERS = 4096;

/**
 * The last 4096 characters of what a command wrote. Each stream is sure of half; what one does not
 * use, the other gets.
 */
export function outputTail(stdout: string, stderr: string): string {
  const [out, err] = [stdout.trimEnd(), stderr.trimEnd()];
  if (out === '' || err === '') return (out + err).slice(-MAX_CHARACTERS);
  const room = MAX_CHARACTERS - 1;
  const forErr = Math.min(err.length, Math.max(room - out.length, Math.floor(room / 2)));
  return `${out.slice(-(room - forErr))}\n${err.slice(-forErr)}`;
}
