import { randomBytes } from 'node:crypto';
import {
  Secret,
  type CommitSha,
  type ExecHandle,
  type ExecRequest,
  type FollowOptions,
  type GatewayAddress,
  type Logger,
  type Sandbox,
  type SandboxLabels,
  type SandboxLimit,
  type SandboxSpec,
  type TransferOptions,
} from '@agentswarm/core';
import { SandboxError } from '../../errors.ts';
import { watchHold } from '../../handles/watch-hold.ts';
import type { ResolvedLimits } from '../../limits/default-limits.ts';
import type { InsideCommand } from '../../inside/inside-command.ts';
import type { Lifetime } from '../../handles/lifetime.ts';
import { requireNoNul } from '../../inside/require-no-nul.ts';
import { guestOf, type SandboxHold } from '../../handles/sandbox-hold.ts';
import type { SandboxNetwork } from '../../network/sandbox-network.ts';
import type { MachineTime } from '../../process/machine-time.ts';
import { execWhenConnected } from '../exec/exec-when-connected.ts';
import { createRemoteFiles, type RemoteFiles } from '../files/remote-files.ts';
import { REMOTE_GATEWAY, REMOTE_PATHS } from '../files/remote-places.ts';
import { isSandboxGone } from '../shim/explain-failure.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import { endLostCommand } from './end-command.ts';
import { findsCommand } from './find-command.ts';
import { remoteEnvironment } from './remote-environment.ts';
import { RunningCommands } from './running-commands.ts';

/** What a remote sandbox is, once it is complete. */
interface RemoteSetting {
  readonly id: string;
  readonly remoteId: string;
  /** Where commands start; default the work directory. */
  readonly startIn?: string;
  readonly network: SandboxNetwork;
  readonly limits: ResolvedLimits;
}

export interface RemoteSandboxOptions {
  readonly spec: SandboxSpec;
  readonly setting: RemoteSetting;
  /** To a shim that knows the sandbox. */
  readonly connect: () => Promise<ShimConnection>;
  readonly collect: (
    files: RemoteFiles,
    target: { readonly repository: string; readonly ref: string },
  ) => Promise<CommitSha | undefined>;
  /** Whose sandbox it is, and how it ends. */
  readonly hold: SandboxHold;
  /** Of the handle that this one stands beside. */
  readonly beside?: SharedByHandles;
  readonly time: MachineTime;
  readonly logger: Logger;
}

/** What the handles of one process have in common. */
interface SharedByHandles {
  readonly running: RunningCommands;
  /** Aborted when the sandbox has ended. */
  readonly gone: AbortController;
}

/** A handle on a sandbox in the cloud. */
export class RemoteSandbox implements Sandbox {
  readonly id: string;
  readonly labels: SandboxLabels;
  readonly paths = REMOTE_PATHS;
  readonly gateway?: GatewayAddress;
  readonly #options: RemoteSandboxOptions;
  readonly #shared: SharedByHandles;
  readonly #running: RunningCommands;
  readonly #files: RemoteFiles;
  readonly #handle = randomBytes(4).toString('hex');
  readonly #ended = new AbortController();
  #lifetime: Lifetime | undefined;
  #execs = 0;
  #termination: Promise<void> | undefined;
  #endFailed = false;

  constructor(options: RemoteSandboxOptions) {
    const { spec, setting, beside } = options;
    this.#options = options;
    this.#shared = beside ?? { running: new RunningCommands(), gone: new AbortController() };
    this.#running = new RunningCommands(this.#shared.running);
    this.id = setting.id;
    this.labels = spec.labels;
    if (setting.network.gatewaySocket !== undefined) {
      this.gateway = { kind: 'socket', path: REMOTE_GATEWAY };
    }
    this.#files = createRemoteFiles({
      id: this.id,
      remoteId: setting.remoteId,
      connect: this.#connect,
      run: this.#runInside,
    });
    if (spec.wallTimeoutMs !== undefined || spec.idleTimeoutMs !== undefined) this.#watchLifetime();
  }

  get remoteId(): string {
    return this.#options.setting.remoteId;
  }

  /** Another handle on the same sandbox, which it outlives. */
  guest(): RemoteSandbox {
    this.#requireAlive();
    const hold = guestOf(this.#options.hold, () => this.terminate());
    return new RemoteSandbox({ ...this.#options, hold, beside: this.#shared });
  }

  exec(request: ExecRequest): ExecHandle {
    const { setting, spec } = this.#options;
    const { stdin, ...command } = request;
    return this.#start({
      ...command,
      cwd: request.cwd ?? setting.startIn ?? this.paths.workdir,
      env: { ...revealAll(spec.secrets), ...spec.env, ...request.env },
      ...(stdin === undefined ? {} : { stdin: stdin instanceof Secret ? stdin.reveal() : stdin }),
    });
  }

  #start(request: StartRequest): ExecHandle {
    this.#requireAlive();
    requireNoNul(request);
    const { setting, logger } = this.#options;
    const { signal, env, ...command } = request;
    const execId = `${this.id}-${this.#handle}-${++this.#execs}`;
    let isFed = command.stdin === undefined;
    const exec = this.#running.start(signal, (aborted) => {
      const started = execWhenConnected(this.#connectCalmly, {
        ...command,
        sandboxId: setting.remoteId,
        limits: setting.limits,
        env: remoteEnvironment(env, { id: setting.id, execId, network: setting.network }),
        signal: aborted,
        onProblem: (error) => logger.warn({ sandbox: this.id, error }, 'a command met a problem'),
        onInputSent: () => (isFed = true),
      });
      const result = started.result.then(async (told) => {
        // It would wait for the rest of its input for ever.
        if (told.reason === 'lost' && !isFed) await this.#endLost(execId);
        return told;
      });
      return { ...started, result };
    });
    this.#lifetime?.touch();
    const touch = () => this.#lifetime?.touch();
    exec.result.then(touch, touch);
    return exec;
  }

  readonly #runInside = (command: InsideCommand): ExecHandle => this.#start(command);

  readonly #connect = async (): Promise<ShimConnection> => {
    try {
      return await this.#options.connect();
    } catch (error) {
      if (isSandboxGone(error)) this.onGone();
      throw error;
    }
  };

  /** A command that nobody meant is not to be killed. */
  readonly #connectCalmly = async (): Promise<ShimConnection> => {
    await this.#shared.running.calm;
    return this.#connect();
  };

  async readFile(path: string, options?: { readonly maxBytes?: number }): Promise<Uint8Array> {
    this.#requireAlive();
    return this.#files.readFile(path, options);
  }

  async writeFile(path: string, content: string | Uint8Array): Promise<void> {
    this.#requireAlive();
    await this.#files.writeFile(path, content);
  }

  async upload(hostFolder: string, path: string, options?: TransferOptions): Promise<void> {
    this.#requireAlive();
    await this.#files.upload(hostFolder, path, options);
  }

  async download(path: string, hostFolder: string, options?: TransferOptions): Promise<void> {
    this.#requireAlive();
    await this.#files.download(path, hostFolder, options);
  }

  follow(path: string, options: FollowOptions): AsyncIterable<Uint8Array> {
    this.#requireAlive();
    const signal = AbortSignal.any([options.signal, this.#ended.signal]);
    return this.#files.follow(path, { ...options, signal });
  }

  async collect(target: {
    readonly repository: string;
    readonly ref: string;
  }): Promise<CommitSha | undefined> {
    this.#requireAlive();
    return this.#options.collect(this.#files, target);
  }

  async isBusy(): Promise<boolean> {
    this.#requireAlive();
    const hasCommand = await this.#hasCommand();
    if (hasCommand !== undefined) return hasCommand;
    // Of what ran in it nobody can say how it ended.
    this.onGone();
    throw this.#hasEnded();
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

  /** Ends all commands of this process, of which the sandbox has more than it may. */
  onLimit(limit: SandboxLimit, over: Promise<void>): void {
    const { logger } = this.#options;
    logger.warn({ sandbox: this.id, limit }, 'a sandbox reached a limit');
    this.#shared.running.endFor(limit, over).catch((error: unknown) => {
      logger.error({ sandbox: this.id, error }, 'commands over a limit could not be ended');
    });
  }

  /** Hears that the sandbox has ended without this handle. */
  onGone(): void {
    if (this.#termination !== undefined) return;
    this.terminate().catch((error: unknown) => {
      this.#options.logger.error({ sandbox: this.id, error }, 'what is left of a sandbox stays');
    });
  }

  #terminate(cause: 'aborted' | 'timed_out'): Promise<void> {
    // What could not be ended before may be now.
    if (this.#termination === undefined || this.#endFailed) this.#termination = this.#end(cause);
    return this.#termination;
  }

  async #end(cause: 'aborted' | 'timed_out'): Promise<void> {
    this.#endFailed = false;
    await this.#endCommands(cause);
    // Those of other handles end with the sandbox.
    this.#shared.gone.abort();
    try {
      await this.#options.hold.end();
    } catch (error) {
      this.#endFailed = true;
      throw error;
    }
  }

  async #giveUp(): Promise<void> {
    await this.#endCommands('aborted');
    await this.#options.hold.detach();
  }

  /** Ends what was started by this handle, since nobody will hear of it any more. */
  async #endCommands(cause: 'aborted' | 'timed_out'): Promise<void> {
    this.#lifetime?.[Symbol.dispose]();
    await this.#running.end(cause);
    this.#ended.abort();
  }

  #watchLifetime(): void {
    this.#lifetime = watchHold({
      ...this.#options,
      id: this.id,
      isBusy: async () => (await this.#hasCommand()) === true,
      end: () => this.#terminate('timed_out'),
    });
  }

  async #hasCommand(): Promise<boolean | undefined> {
    if (!this.#running.isEmpty) return true;
    return findsCommand(this.id, this.#runOwn);
  }

  async #endLost(execId: string): Promise<void> {
    if (await endLostCommand(execId, this.#runOwn)) return;
    this.#options.logger.warn({ sandbox: this.id }, 'a command that was lost may wait for its input');
  }

  /** Runs what is no command of the sandbox: it has no label, and does not keep it from being idle. */
  readonly #runOwn = (command: InsideCommand): ExecHandle => {
    const { setting, logger } = this.#options;
    return execWhenConnected(this.#connect, {
      ...command,
      sandboxId: setting.remoteId,
      onProblem: (error) => logger.warn({ sandbox: this.id, error }, 'a sandbox could not be asked'),
    });
  };

  #requireAlive(): void {
    if (this.#termination === undefined && !this.#shared.gone.signal.aborted) return;
    throw this.#hasEnded();
  }

  #hasEnded(): SandboxError {
    return new SandboxError('SANDBOX_TERMINATED', `sandbox ${this.id} has ended`, {
      details: { sandbox: this.id },
    });
  }
}

function revealAll(secrets: SandboxSpec['secrets'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));
}

/** A command, complete but for what every command of a sandbox has. */
interface StartRequest extends Omit<ExecRequest, 'stdin'> {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin?: string | AsyncIterable<Uint8Array>;
}
