import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { SandboxBackend, TaskResult, WorkerFrame } from '@agentswarm/core';
import type { RunTaskOptions, TaskRun } from '../../../src/index.ts';
import { taskOptions, WORKER, type TaskSource } from '../../task-setup.ts';
import type { FakeModal } from '../fake-modal.ts';

const node = realpathSync(process.execPath);

/** The frames that count in an attempt that talks: each once, in order. */
export const ALL_COUNTS = Array.from({ length: 41 }, (_, count) => count);

/** An attempt of the scripted worker as remote sandboxes see it. */
export function remoteTask(backend: SandboxBackend, source: TaskSource, behaviour: string): RunTaskOptions {
  return { ...taskOptions(backend, source, behaviour), workerCommand: [node, WORKER, behaviour] };
}

/** What came of an attempt. */
export interface Seen {
  readonly counts: readonly number[];
  readonly result: TaskResult;
}

/** Reads an attempt to its end; `onCount` may do harm meanwhile. */
export async function watch(run: TaskRun, onCount?: (count: number) => unknown): Promise<Seen> {
  const counts: number[] = [];
  for await (const frame of run.events) {
    if (!isProgress(frame)) continue;
    counts.push(frame.toolCalls);
    await onCount?.(frame.toolCalls);
  }
  return { counts, result: await run.result };
}

function isProgress(frame: WorkerFrame): frame is Extract<WorkerFrame, { type: 'progress' }> {
  return frame.type === 'progress';
}

/** The shims that run. */
export function allShims(): readonly number[] {
  return listShims().map(({ pid }) => pid);
}

/** Those that a process started. */
export function shimsOf(parentPid: number): readonly number[] {
  return listShims().flatMap(({ pid, parent }) => (parent === parentPid ? [pid] : []));
}

function listShims(): readonly { readonly pid: number; readonly parent: number }[] {
  const rows = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return rows.split('\n').flatMap((row) => {
    const [pid, parent, state = '', ...command] = row.trim().split(/\s+/);
    const isShim = command.join(' ').includes('-m modal_shim') && !state.startsWith('Z');
    return isShim ? [{ pid: Number(pid), parent: Number(parent) }] : [];
  });
}

/** Those of this process. */
export function ownShims(): readonly number[] {
  return shimsOf(process.pid);
}

/** The only shim of this process. */
export function ownShim(): number {
  const shims = ownShims();
  const [pid] = shims;
  if (pid === undefined || shims.length > 1) throw new Error(`${shims.length} shims, not one`);
  return pid;
}

interface FakeSandbox {
  readonly id: string;
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The sandboxes that run, as the server knows them. */
export async function running(modal: FakeModal): Promise<readonly FakeSandbox[]> {
  const all = (await modal.ask('sandboxes')) as readonly FakeSandbox[];
  return all.filter(({ status }) => status === 'running');
}

/** Resolves when it is so, looking again and again. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
