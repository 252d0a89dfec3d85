import { readdirSync, readFileSync } from 'node:fs';

/** Command lines of live processes whose environment or arguments mention a text; Linux only. */
function processesMentioning(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const about = ['cmdline', 'environ'].map((file) => readProc(pid, file).replaceAll('\0', ' '));
      return about.some((part) => part.includes(text)) ? [`${pid}: ${about[0]}`] : [];
    });
}

/** Empty for a process that is gone or a zombie. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return '';
    throw error;
  }
}

/** Waits until no process mentions the text; gives those that remain after `timeoutMs`. */
export async function remainingProcesses(text: string, timeoutMs = 5000): Promise<string[]> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    const found = processesMentioning(text);
    if (found.length === 0 || Date.now() > until) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
