/**
 * Time this process has spent, in milliseconds, for differences: of the processor on Linux, so that a machine
 * that is busy with others does not make it seem dear to look after them. Elsewhere `ps` does the work.
 */
export function spentMs(): number {
  if (process.platform !== 'linux') return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
