import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  Secret,
  type CommitSha,
  type ExecHandle,
  type ExecRequest,
  type ExecResult,
  type FollowOptions,
  type GatewayAddress,
  type Logger,
  type Sandbox,
  type SandboxLabels,
  type SandboxLimit,
  type SandboxPaths,
  type SandboxSpec,
  type TransferOptions,
} from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { watchHold } from '../handles/watch-hold.ts';
import { withLimits } from '../limits/limited-process.ts';
import type { SandboxWatch, Watchdog } from '../limits/watchdog.ts';
import { networkEnvironment } from '../network/sandbox-network.ts';
import { execProcess, type ControlledExec } from '../process/exec-process.ts';
import type { MachineTime } from '../process/machine-time.ts';
import { execLabel, findLabelledProcesses, sandboxLabel } from '../process/process-table.ts';
import type { Confinement, SandboxSetting } from './confinement.ts';
import { followFile } from './follow-file.ts';
import type { InsideCommand, InsidePath } from '../inside/inside-command.ts';
import { readByCommand, writeByCommand } from '../inside/inside-files.ts';
import type { Lifetime } from '../handles/lifetime.ts';
import { withOwnFolders } from '../inside/own-folders.ts';
import { requireNoNul } from '../inside/require-no-nul.ts';
import { readInside, writeInside } from '../transfer/safe-file.ts';
import { guestOf, type SandboxHold } from '../handles/sandbox-hold.ts';
import { downloadTree, uploadTree } from '../transfer/transfer-tree.ts';

const DEFAULT_MAX_READ_BYTES = 10 * 1024 * 1024;

export interface LocalSandboxOptions {
  readonly spec: SandboxSpec;
  readonly setting: SandboxSetting;
  readonly confinement: Confinement;
  /** Holds all its folders. */
  readonly folder: string;
  readonly watchdog: Watchdog;
  readonly collect: (target: {
    readonly repository: string;
    readonly ref: string;
  }) => Promise<CommitSha | undefined>;
  /** Whose sandbox it is, and how it ends. */
  readonly hold: SandboxHold;
  /** Of the handle that this one stands beside: limits count for both together. */
  readonly commands?: WatchedCommands;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** The commands of all handles of one process. */
interface WatchedCommands {
  readonly running: Set<ControlledExec>;
  readonly watch: SandboxWatch;
}

/** A command, complete but for what every command of a sandbox has. */
interface StartRequest extends Omit<ExecRequest, 'stdin'> {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | AsyncIterable<Uint8Array>;
}

/** A handle on a folder of this machine and the processes that may work in it. */
export class LocalSandbox implements Sandbox {
  readonly id: string;
  readonly labels: SandboxLabels;
  readonly paths: SandboxPaths;
  readonly gateway?: GatewayAddress;
  readonly #options: LocalSandboxOptions;
  readonly #running = new Set<ControlledExec>();
  readonly #handle = randomBytes(4).toString('hex');
  readonly #ended = new AbortController();
  #lifetime: Lifetime | undefined;
  readonly #commands: WatchedCommands;
  #execs = 0;
  #termination: Promise<void> | undefined;

  constructor(options: LocalSandboxOptions) {
    const { spec, setting, confinement } = options;
    const { workdir, control, intake } = setting.places;
    this.#options = options;
    this.#commands = options.commands ?? watchCommands(options);
    this.id = setting.id;
    this.labels = spec.labels;
    this.paths = { workdir: workdir.inside, control: control.inside, intake: intake.inside };
    const { gatewaySocket } = setting.network;
    if (gatewaySocket !== undefined) {
      this.gateway = { kind: 'socket', path: confinement.gatewayPath(gatewaySocket) };
    }
    if (spec.wallTimeoutMs !== undefined || spec.idleTimeoutMs !== undefined) this.#watchLifetime();
  }

  /** Another handle on the same sandbox, which it outlives. */
  guest(): LocalSandbox {
    this.#requireAlive();
    const hold = guestOf(this.#options.hold, () => this.terminate());
    return new LocalSandbox({ ...this.#options, hold, commands: this.#commands });
  }

  exec(request: ExecRequest): ExecHandle {
    const { setting, spec } = this.#options;
    const { stdin, ...command } = request;
    return this.#start({
      ...command,
      cwd: request.cwd ?? setting.startIn ?? this.paths.workdir,
      env: { ...reveal(spec.secrets), ...spec.env, ...request.env },
      ...(stdin === undefined ? {} : { stdin: stdin instanceof Secret ? stdin.reveal() : stdin }),
    });
  }

  #start(request: StartRequest): ExecHandle {
    this.#requireAlive();
    requireNoNul(request);
    const { setting, confinement, logger } = this.#options;
    const execId = `${this.id}/${this.#handle}-${++this.#execs}`;
    const { command, cwd, env, stdin, ...how } = request;
    const watched: { finish?: () => Promise<void> } = {};
    const confined = confinement.wrap(setting, {
      execId,
      command,
      cwd,
      env: this.#environment(env),
      ...(stdin === undefined ? {} : { stdin }),
    });
    const exec = execProcess({
      process: withLimits(confined, setting.bounds),
      ...how,
      wrapped: confinement.wraps,
      askToEnd: (pid) => confinement.askToEnd(pid),
      sweep: async () => {
        await watched.finish?.();
        // Elsewhere the watch reads these labels too, of those it cannot find otherwise.
        if (process.platform !== 'linux') await confinement.sweep(execLabel(execId));
      },
      onProblem: (error) => logger.warn({ sandbox: this.id, error }, 'a process could not be ended'),
    });
    if (exec.pid !== undefined) watched.finish = this.#commands.watch.start(execId, exec.pid);
    for (const running of [this.#running, this.#commands.running]) running.add(exec);
    this.#lifetime?.touch();
    const forget = () => {
      for (const running of [this.#running, this.#commands.running]) running.delete(exec);
      this.#lifetime?.touch();
    };
    exec.result.then(forget, forget);
    return { lines: exec.lines, output: exec.output, result: exec.result.then((r) => this.#explain(r)) };
  }

  /** A command that was killed because somebody else ended the sandbox was ended, no more. */
  async #explain(result: ExecResult): Promise<ExecResult> {
    if (result.reason !== 'signalled') return result;
    try {
      if (await this.#options.hold.stands()) return result;
    } catch (error) {
      this.#options.logger.warn({ sandbox: this.id, error }, 'it is not known whether a sandbox stands');
      return result;
    }
    const { signalName: _killed, ...rest } = result;
    return { ...rest, reason: 'aborted' };
  }

  async readFile(path: string, options: { readonly maxBytes?: number } = {}): Promise<Uint8Array> {
    this.#requireAlive();
    const { maxBytes = DEFAULT_MAX_READ_BYTES } = options;
    const { host, ...place } = this.#locate(path);
    if (host === undefined) return readByCommand(this.#runInside, place, maxBytes);
    return readInside(host, place.relative, maxBytes);
  }

  async writeFile(path: string, content: string | Uint8Array): Promise<void> {
    this.#requireAlive();
    const { host, ...place } = this.#locate(path);
    if (host === undefined) await writeByCommand(this.#runInside, place, content);
    else await writeInside(host, place.relative, content);
  }

  async upload(hostFolder: string, path: string, options: TransferOptions = {}): Promise<void> {
    this.#requireAlive();
    await uploadTree(this.#runInside, { ...options, hostFolder, path: this.#locate(path) });
  }

  async download(path: string, hostFolder: string, options: TransferOptions = {}): Promise<void> {
    this.#requireAlive();
    await downloadTree(this.#runInside, { ...options, hostFolder, path: this.#locate(path) });
  }

  readonly #runInside = (command: InsideCommand): ExecHandle => this.#start(command);

  collect(target: { readonly repository: string; readonly ref: string }): Promise<CommitSha | undefined> {
    this.#requireAlive();
    return this.#options.collect(target);
  }

  async isBusy(): Promise<boolean> {
    this.#requireAlive();
    return await this.#hasCommand();
  }

  follow(path: string, options: FollowOptions): AsyncIterable<Uint8Array> {
    this.#requireAlive();
    const { host, relative } = this.#locate(path);
    const control = this.#options.setting.places.control.host;
    if (host !== control) throw this.#refused(path);
    const signal = AbortSignal.any([options.signal, this.#ended.signal]);
    return followFile({ folder: control, relative, fromByte: options.fromByte ?? 0, signal });
  }

  async renew(options: { readonly wallTimeoutMs?: number } = {}): Promise<void> {
    this.#requireAlive();
    await this.#options.hold.renew(options.wallTimeoutMs ?? this.#options.spec.wallTimeoutMs);
    if (this.#lifetime === undefined) this.#watchLifetime();
    this.#lifetime?.touch();
  }

  async detach(): Promise<void> {
    this.#requireAlive();
    this.#termination = this.#giveUp();
    await this.#termination;
  }

  terminate(): Promise<void> {
    return this.#terminate('aborted');
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#options.hold.isGuest) return this.terminate();
    this.#termination ??= this.#giveUp();
    return this.#termination;
  }

  #terminate(cause: 'aborted' | 'timed_out'): Promise<void> {
    this.#termination ??= this.#endCommands(cause).then(() => this.#options.hold.end());
    return this.#termination;
  }

  async #giveUp(): Promise<void> {
    await this.#endCommands('aborted');
    await this.#options.hold.detach();
  }

  /** Ends what was started by this handle, since nobody will hear of it any more. */
  async #endCommands(cause: 'aborted' | 'timed_out'): Promise<void> {
    this.#lifetime?.[Symbol.dispose]();
    const running = [...this.#running];
    for (const exec of running) exec.end(cause);
    await Promise.allSettled(running.map((exec) => exec.result));
    this.#ended.abort();
  }

  #watchLifetime(): void {
    this.#lifetime = watchHold({
      ...this.#options,
      id: this.id,
      isBusy: () => this.#hasCommand(),
      end: () => this.#terminate('timed_out'),
    });
  }

  async #hasCommand(): Promise<boolean> {
    return this.#running.size > 0 || (await findLabelledProcesses(sandboxLabel(this.id))).length > 0;
  }

  #requireAlive(): void {
    const folder = dirname(this.#options.setting.places.control.host);
    // Without it somebody else has ended the sandbox.
    if (this.#termination === undefined && existsSync(folder)) return;
    throw new SandboxError('SANDBOX_TERMINATED', `sandbox ${this.id} has ended`, {
      details: { sandbox: this.id },
    });
  }

  #environment(own: Readonly<Record<string, string>>): Record<string, string> {
    const { setting, confinement } = this.#options;
    const { home, temp } = setting.places;
    const all = {
      PORT: String(setting.network.ports.first),
      ...setting.network.egress?.defaults,
      ...own,
      ...confinement.environment(setting.places),
      ...networkEnvironment(setting.network),
    };
    return withOwnFolders(all, { home: home.inside, temp: temp.inside });
  }

  /** Finds the folder of a path inside; only folders that a sandbox may write exist for the host. */
  #locate(path: string): InsidePath & { readonly host?: string } {
    const { places, overlay } = this.#options.setting;
    const { workdir, control, intake, home } = places;
    for (const place of [workdir, control, intake, home]) {
      if (path !== place.inside && !path.startsWith(`${place.inside}/`)) continue;
      const inside = { folder: place.inside, relative: path.slice(place.inside.length + 1) };
      // With an overlay, its folder on the host holds the changes only, in a form of the kernel's.
      return place === workdir && overlay !== undefined ? inside : { ...inside, host: place.host };
    }
    throw this.#refused(path);
  }

  #refused(path: string): SandboxError {
    return new SandboxError('SANDBOX_FILE_REFUSED', `${path} is not in a folder of sandbox ${this.id}`, {
      details: { sandbox: this.id, file: path },
    });
  }
}

function watchCommands({ watchdog, setting, folder }: LocalSandboxOptions): WatchedCommands {
  const running = new Set<ControlledExec>();
  const { limits } = setting.bounds;
  const end = (limit: SandboxLimit) => running.forEach((exec) => exec.end({ limit }));
  return { running, watch: watchdog.watch({ id: setting.id, limits, folder, end }) };
}

function reveal(secrets: SandboxSpec['secrets'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
}
