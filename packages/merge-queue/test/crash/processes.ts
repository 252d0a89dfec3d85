import { readdirSync, readFileSync } from 'node:fs';

/** Command lines of live processes whose arguments or environment mention a text; Linux only. */
export function processesMentioning(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const [command = '', environment = ''] = ['cmdline', 'environ'].map((file) => readProc(pid, file));
      return `${command} ${environment}`.includes(text) ? [`${pid}: ${command}`] : [];
    });
}

/** Empty for a process that is gone or a zombie. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}
