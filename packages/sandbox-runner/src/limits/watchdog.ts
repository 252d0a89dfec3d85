import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger, SandboxLimit } from '@agentswarm/core';
import type { ResolvedLimits } from './default-limits.ts';
import { createDiskMeter, type DiskMeter } from './disk-meter.ts';
import { killUntilNone, signalAll } from './kill-until-none.ts';
import { lowerPriority } from './lower-priority.ts';
import { measureFolders } from './measure-folders.ts';
import { createMemoryMeter, type MemoryMeter } from './memory-meter.ts';
import type { ProcessSample } from './process-sample.ts';
import { ProcessWatch } from './process-watch.ts';
import { UsageRecord } from './usage-record.ts';
import { spentMs } from './spent-time.ts';
import { nextPassMs } from './watch-pace.ts';

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
  readonly usage: UsageRecord;
  exceeded: SandboxLimit | undefined;
}

function stateOf(sandbox: WatchedSandbox): SandboxState {
  return { sandbox, commands: new Set(), usage: new UsageRecord(sandbox.limits), exceeded: undefined };
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
      signalAll(state.usage.samples, 'SIGKILL');
    }
    return [...this.#active].some(({ exceeded }) => exceeded !== undefined);
  }

  async #look(): Promise<ReadonlyMap<string, readonly ProcessSample[]>> {
    const found = await this.#processes.look();
    for (const state of this.#active) {
      state.usage.takeSamples([...state.commands].flatMap((command) => found.get(command) ?? []));
    }
    return found;
  }

  /** Beside the looks at processes, which must not wait for a disk. */
  #walk(): void {
    if (this.#isWalking) return;
    this.#isWalking = true;
    const states = [...this.#active];
    const users = states.map(({ sandbox, usage }) => ({
      folders: [sandbox.folder],
      pids: usage.samples.map(({ pid }) => pid),
      ...usage.disk,
    }));
    this.#disk
      .update(users)
      .then(() => states.forEach(({ usage }, index) => usage.takeUsed(users[index]?.usedBytes ?? 0)))
      .catch((error: unknown) => this.#logger.error({ error }, 'sandboxes could not be measured'))
      .finally(() => (this.#isWalking = false));
  }

  #judge({ sandbox, usage }: SandboxState): SandboxLimit | undefined {
    const exceeded = usage.judge(this.#memory);
    if (exceeded === undefined) return undefined;
    const facts = { sandbox: sandbox.id, limit: exceeded.limit, ...exceeded.usage };
    this.#logger.warn(facts, 'a sandbox reached a limit');
    return exceeded.limit;
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
    if (state.exceeded === 'disk' || state.usage.isOverfull) await allowWhatIsThere(state);
    state.exceeded = undefined;
  }

  async #endRest({ sandbox }: SandboxState, command: string): Promise<void> {
    const isOver = await killUntilNone(async () => (await this.#look()).get(command) ?? []);
    if (!isOver) this.#logger.error({ sandbox: sandbox.id }, 'processes of a sandbox do not end');
  }
}

/** Of a sandbox that no command writes to. */
async function allowWhatIsThere({ sandbox, usage }: SandboxState): Promise<void> {
  const { bytes } = await measureFolders([sandbox.folder], Number.POSITIVE_INFINITY);
  usage.allow(bytes);
}
