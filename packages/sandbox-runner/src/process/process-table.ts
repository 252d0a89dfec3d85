import { readdir, readFile } from 'node:fs/promises';
import { errnoOf } from '../errors.ts';
import { runHelper } from '../spawn.ts';
import { signalProcess } from './signal-process.ts';

const SANDBOX_VARIABLE = 'AGENTSWARM_SANDBOX';
/** Names the command in the environment of its processes. */
export const EXEC_VARIABLE = 'AGENTSWARM_EXEC';

/** The environment variables by which every process of a sandbox is found again. */
export function processLabels(sandboxId: string, execId: string): Record<string, string> {
  return { [SANDBOX_VARIABLE]: sandboxId, [EXEC_VARIABLE]: execId };
}

/** Label of all processes of a sandbox. */
export function sandboxLabel(sandboxId: string): string {
  return `${SANDBOX_VARIABLE}=${sandboxId}`;
}

/** Label of the processes of one command. */
export function execLabel(execId: string): string {
  return `${EXEC_VARIABLE}=${execId}`;
}

const HAS_PROC = process.platform === 'linux';
const MAX_KILL_ROUNDS = 50;

/** Reads a file of a process that may end meanwhile, or belong to somebody else. */
async function readProc(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ESRCH' || errno === 'EACCES' || errno === 'EPERM') return '';
    throw error;
  }
}

async function listPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name)).map(Number);
}

/** Processes whose environment holds `NAME=value` as given. */
export async function findLabelledProcesses(label: string): Promise<number[]> {
  if (!HAS_PROC) {
    const table = await runHelper('ps', ['-Aww', '-E', '-o', 'pid=,command='], {
      env: { PATH: '/usr/bin:/bin' },
    });
    return parseLabelledProcesses(table.stdout, label);
  }
  const pids = await listPids();
  const found = await Promise.all(pids.map((pid) => hasLabel(pid, label)));
  return pids.filter((pid, index) => found[index] && pid !== process.pid);
}

async function hasLabel(pid: number, label: string): Promise<boolean> {
  return (await readProc(`/proc/${pid}/environ`)).split('\0').includes(label);
}

/** Finds a label in the output of `ps -E -o pid=,command=`. */
export function parseLabelledProcesses(table: string, label: string): number[] {
  return table
    .split('\n')
    .filter((row) => row.split(' ').includes(label))
    .map((row) => Number.parseInt(row, 10))
    .filter((pid) => Number.isSafeInteger(pid) && pid !== process.pid);
}

/** Kills all processes that carry the label, and those they start meanwhile, until none is left. */
export async function killLabelledProcesses(label: string): Promise<void> {
  for (let round = 0; round < MAX_KILL_ROUNDS; round++) {
    const pids = await findLabelledProcesses(label);
    if (pids.length === 0) return;
    for (const pid of pids) {
      // Looked at again just before, so that a reused process id is never hit.
      if (!HAS_PROC || (await hasLabel(pid, label))) signalProcess(pid, 'SIGKILL');
    }
    await new Promise((resolve) => setTimeout(resolve, 5 * (round + 1)));
  }
}

/** All descendants of a process, parents first. Linux only; elsewhere empty. */
export async function listDescendants(pid: number): Promise<number[]> {
  if (!HAS_PROC) return [];
  const children = (await readProc(`/proc/${pid}/task/${pid}/children`))
    .split(' ')
    .filter(Boolean)
    .map(Number);
  const deeper = await Promise.all(children.map(listDescendants));
  return [...children, ...deeper.flat()];
}

/** What, together with the process id, names a process for as long as the machine runs; undefined when it is gone. */
export async function readProcessStart(pid: number): Promise<string | undefined> {
  if (HAS_PROC) {
    const stat = await readProc(`/proc/${pid}/stat`);
    // The command's name is in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = (await readProc('/proc/sys/kernel/random/boot_id')).trim();
    return fields[19] === undefined || fields[0] === 'Z' ? undefined : `${boot}:${fields[19]}`;
  }
  const row = await runHelper('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { PATH: '/usr/bin:/bin' } });
  return row.ok && row.stdout.trim() !== '' ? row.stdout.trim() : undefined;
}
