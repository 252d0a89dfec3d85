import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, SandboxLimit } from '@agentswarm/core';
import { signalProcess } from '../process/signal-process.ts';
import { advanceLedger, EMPTY_LEDGER, type CpuLedger } from './cpu-ledger.ts';
import type { ResolvedLimits } from './default-limits.ts';
import { createDiskMeter, type DiskMeter } from './disk-meter.ts';
import { findExceeded, type SandboxUsage } from './find-exceeded.ts';
import { lowerPriority } from './lower-priority.ts';
import { measureFolder } from './measure-folder.ts';
import { createMemoryMeter, type MemoryMeter } from './memory-meter.ts';
import type { ProcessSample } from './process-sample.ts';
import { ProcessWatch } from './process-watch.ts';
import { spentMs } from './spent-time.ts';
import { nextPassMs, restAfterMs } from './watch-pace.ts';

const BYTES_PER_MB = 1024 * 1024;
/** Looks without a pause between them, so that nobody who starts processes is faster. */
const QUICK_ROUNDS = 20;
const MAX_ROUNDS = 1_000;
const ROUND_PAUSE_MS = 5;

/** A sandbox whose commands must not use more than they may. */
interface WatchedSandbox {
  readonly id: string;
  readonly limits: ResolvedLimits;
  /** Holds all it can write. */
  readonly folder: string;
  /** Ends all commands by force; called until none is left. */
  readonly end: (limit: SandboxLimit) => void;
}

/** The watch over one sandbox. */
export interface SandboxWatch {
  /** Takes a command that began with process `pid`. The function given back ends what is left of it. */
  start(command: string, pid: number): () => Promise<void>;
}

/** Watches sandboxes while they have commands, all by the same looks at the machine. */
export interface Watchdog {
  watch(sandbox: WatchedSandbox): SandboxWatch;
}

/** Makes the watchdog of the sandboxes in `root`. */
export function createWatchdog(options: { readonly root: string; readonly logger: Logger }): Watchdog {
  const patrol = new Patrol(createDiskMeter(options.root), options.logger);
  return {
    watch: (sandbox) => {
      const state = stateOf(sandbox);
      return { start: (command, pid) => patrol.start(state, command, pid) };
    },
  };
}

/** What is known of a sandbox from one command to the next. */
interface SandboxState {
  readonly sandbox: WatchedSandbox;
  readonly commands: Set<string>;
  samples: readonly ProcessSample[];
  cpu: CpuLedger;
  usedBytes: number;
  /** The limit, or what was there when it was reached: commands that write no more may run then. */
  allowedBytes: number;
  /** When its memory may be looked at closely again. */
  memoryRestUntilMs: number;
  exceeded: SandboxLimit | undefined;
}

function stateOf(sandbox: WatchedSandbox): SandboxState {
  return {
    sandbox,
    commands: new Set(),
    samples: [],
    cpu: EMPTY_LEDGER,
    usedBytes: 0,
    allowedBytes: sandbox.limits.diskMb * BYTES_PER_MB,
    memoryRestUntilMs: 0,
    exceeded: undefined,
  };
}

class Patrol {
  readonly #disk: DiskMeter;
  readonly #logger: Logger;
  readonly #memory: MemoryMeter = createMemoryMeter();
  readonly #processes = new ProcessWatch();
  readonly #active = new Set<SandboxState>();
  #isWalking = false;
  #isRunning = false;

  constructor(disk: DiskMeter, logger: Logger) {
    this.#disk = disk;
    this.#logger = logger;
  }

  start(state: SandboxState, command: string, pid: number): () => Promise<void> {
    lowerPriority(pid);
    state.commands.add(command);
    this.#active.add(state);
    this.#processes.add(command, pid);
    if (!this.#isRunning) void this.#run();
    return () => this.#finish(state, command);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#active.size > 0) {
      const spentBeforeMs = spentMs();
      let isEnding = false;
      try {
        isEnding = await this.#pass();
      } catch (error) {
        this.#logger.error({ error }, 'the limits of sandboxes could not be checked');
      }
      await sleep(nextPassMs(spentMs() - spentBeforeMs, isEnding), undefined, { ref: false });
    }
    this.#isRunning = false;
  }

  /** True while a sandbox is being ended. */
  async #pass(): Promise<boolean> {
    await this.#look();
    this.#memory.refresh();
    this.#walk();
    for (const state of this.#active) {
      state.exceeded ??= this.#judge(state);
      if (state.exceeded === undefined) continue;
      state.sandbox.end(state.exceeded);
      kill(state.samples);
    }
    return [...this.#active].some(({ exceeded }) => exceeded !== undefined);
  }

  async #look(): Promise<ReadonlyMap<string, readonly ProcessSample[]>> {
    const found = await this.#processes.look();
    for (const state of this.#active) {
      state.samples = [...state.commands].flatMap((command) => found.get(command) ?? []);
      state.cpu = advanceLedger(state.cpu, state.samples);
    }
    return found;
  }

  /** Beside the looks at processes, which must not wait for a disk. */
  #walk(): void {
    if (this.#isWalking) return;
    this.#isWalking = true;
    const states = [...this.#active];
    const users = states.map((state) => ({
      folder: state.sandbox.folder,
      pids: state.samples.map(({ pid }) => pid),
      allowedBytes: state.allowedBytes,
      usedBytes: state.usedBytes,
    }));
    this.#disk
      .update(users)
      .then(() => states.forEach((state, index) => takeUsed(state, users[index]?.usedBytes ?? 0)))
      .catch((error: unknown) => this.#logger.error({ error }, 'sandboxes could not be measured'))
      .finally(() => (this.#isWalking = false));
  }

  #judge(state: SandboxState): SandboxLimit | undefined {
    const { samples, sandbox, cpu } = state;
    const usage: SandboxUsage = {
      processes: samples.length,
      threads: samples.reduce((sum, { threads }) => sum + threads, 0),
      cpuMs: cpu.totalMs,
      memoryBytes: this.#memoryOf(state),
      diskBytes: state.usedBytes,
      allowedDiskBytes: state.allowedBytes,
    };
    const exceeded = findExceeded(usage, sandbox.limits);
    if (exceeded !== undefined) {
      this.#logger.warn({ sandbox: sandbox.id, limit: exceeded, ...usage }, 'a sandbox reached a limit');
    }
    return exceeded;
  }

  #memoryOf(state: SandboxState): number {
    const { samples, sandbox } = state;
    const limitBytes = sandbox.limits.memoryMb * BYTES_PER_MB;
    const atMostBytes = this.#memory.atMost(samples);
    if (atMostBytes <= limitBytes) return atMostBytes;
    if (performance.now() < state.memoryRestUntilMs) return 0;
    const spentBeforeMs = spentMs();
    const bytes = this.#memory.measure(samples, limitBytes);
    state.memoryRestUntilMs = performance.now() + restAfterMs(spentMs() - spentBeforeMs);
    return bytes;
  }

  async #finish(state: SandboxState, command: string): Promise<void> {
    try {
      await this.#endRest(state, command);
    } finally {
      this.#processes.remove(command);
      state.commands.delete(command);
      if (state.commands.size === 0) this.#active.delete(state);
    }
    if (state.commands.size > 0) return;
    if (state.exceeded === 'disk' || state.allowedBytes > limitBytesOf(state)) await allowWhatIsThere(state);
    state.exceeded = undefined;
  }

  async #endRest({ sandbox }: SandboxState, command: string): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const found = (await this.#look()).get(command) ?? [];
      const left = found.filter(({ hasEnded }) => !hasEnded);
      if (left.length === 0) return;
      kill(left);
      if (round >= QUICK_ROUNDS) await sleep(ROUND_PAUSE_MS);
    }
    this.#logger.error({ sandbox: sandbox.id }, 'processes of a sandbox do not end');
  }
}

/** Of a sandbox that no command writes to. */
async function allowWhatIsThere(state: SandboxState): Promise<void> {
  const { bytes } = await measureFolder(state.sandbox.folder, Number.POSITIVE_INFINITY);
  state.usedBytes = bytes;
  state.allowedBytes = Math.max(limitBytesOf(state), Number.isFinite(bytes) ? bytes : 0);
}

/** What was removed is not allowed again. */
function takeUsed(state: SandboxState, usedBytes: number): void {
  state.usedBytes = usedBytes;
  state.allowedBytes = Math.max(limitBytesOf(state), Math.min(state.allowedBytes, usedBytes));
}

function limitBytesOf({ sandbox }: SandboxState): number {
  return sandbox.limits.diskMb * BYTES_PER_MB;
}

function kill(samples: readonly ProcessSample[]): void {
  for (const { pid } of samples) signalProcess(pid, 'SIGKILL');
}
