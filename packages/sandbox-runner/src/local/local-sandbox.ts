import {
  Secret,
  type CommitSha,
  type ExecHandle,
  type ExecRequest,
  type GatewayAddress,
  type Logger,
  type Sandbox,
  type SandboxLabels,
  type SandboxPaths,
  type SandboxSpec,
} from '@agentswarm/core';
import { SandboxError } from '../errors.ts';
import { withLimits } from '../limits/limited-process.ts';
import type { SandboxWatch, Watchdog } from '../limits/watchdog.ts';
import { execProcess, type ControlledExec } from '../process/exec-process.ts';
import { execLabel, sandboxLabel } from '../process/process-table.ts';
import type { Confinement, SandboxSetting } from './confinement.ts';
import { readInside, writeInside } from './safe-file.ts';

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
  /** Removes all that is left once no process is. */
  readonly remove: () => Promise<void>;
  readonly logger: Logger;
}

/** A folder on this machine and the processes that may work in it. */
export class LocalSandbox implements Sandbox {
  readonly id: string;
  readonly labels: SandboxLabels;
  readonly paths: SandboxPaths;
  readonly gateway?: GatewayAddress;
  readonly #options: LocalSandboxOptions;
  readonly #running = new Set<ControlledExec>();
  readonly #watch: SandboxWatch;
  readonly #wallTimer: NodeJS.Timeout | undefined;
  #execs = 0;
  #termination: Promise<void> | undefined;

  constructor(options: LocalSandboxOptions) {
    const { spec, setting, confinement } = options;
    const { workdir, control, intake } = setting.places;
    this.#options = options;
    this.#watch = options.watchdog.watch({
      id: setting.id,
      limits: setting.bounds.limits,
      folder: options.folder,
      end: (limit) => this.#running.forEach((exec) => exec.end({ limit })),
    });
    this.id = setting.id;
    this.labels = spec.labels;
    this.paths = { workdir: workdir.inside, control: control.inside, intake: intake.inside };
    if (setting.gatewaySocket !== undefined) {
      this.gateway = { kind: 'socket', path: confinement.gatewayPath(setting.gatewaySocket) };
    }
    if (spec.wallTimeoutMs !== undefined) {
      this.#wallTimer = setTimeout(() => this.#onWallTimeout(), spec.wallTimeoutMs);
    }
  }

  exec(request: ExecRequest): ExecHandle {
    this.#requireAlive();
    const { setting, confinement, spec, logger } = this.#options;
    const execId = `${this.id}/${++this.#execs}`;
    const stdin = request.stdin;
    const watched: { finish?: () => Promise<void> } = {};
    const exec = execProcess({
      process: withLimits(
        confinement.wrap(setting, {
          execId,
          command: request.command,
          cwd: request.cwd ?? this.paths.workdir,
          env: this.#environment({ ...spec.env, ...request.env }),
          ...(stdin === undefined ? {} : { stdin: stdin instanceof Secret ? stdin.reveal() : stdin }),
        }),
        setting.bounds,
      ),
      ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
      ...(request.maxOutputBytes === undefined ? {} : { maxOutputBytes: request.maxOutputBytes }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      wrapped: confinement.wraps,
      askToEnd: (pid) => confinement.askToEnd(pid),
      sweep: async () => {
        await watched.finish?.();
        // Elsewhere the watch reads these labels too, of those it cannot find otherwise.
        if (process.platform !== 'linux') await confinement.sweep(execLabel(execId));
      },
      onProblem: (error) => logger.warn({ sandbox: this.id, error }, 'a process could not be ended'),
    });
    if (exec.pid !== undefined) watched.finish = this.#watch.start(execId, exec.pid);
    this.#running.add(exec);
    const forget = () => this.#running.delete(exec);
    exec.result.then(forget, forget);
    return { lines: exec.lines, output: exec.output, result: exec.result };
  }

  async readFile(path: string, options: { readonly maxBytes?: number } = {}): Promise<Uint8Array> {
    this.#requireAlive();
    const { folder, relative } = this.#locate(path);
    return readInside(folder, relative, options.maxBytes ?? DEFAULT_MAX_READ_BYTES);
  }

  async writeFile(path: string, content: string | Uint8Array): Promise<void> {
    this.#requireAlive();
    const { folder, relative } = this.#locate(path);
    await writeInside(folder, relative, content);
  }

  collect(target: { readonly repository: string; readonly ref: string }): Promise<CommitSha | undefined> {
    this.#requireAlive();
    return this.#options.collect(target);
  }

  isBusy(): Promise<boolean> {
    return Promise.reject(new SandboxError('SANDBOX_UNSUPPORTED', 'isBusy'));
  }

  follow(): AsyncIterable<Uint8Array> {
    throw new SandboxError('SANDBOX_UNSUPPORTED', 'follow');
  }

  upload(): Promise<void> {
    return Promise.reject(new SandboxError('SANDBOX_UNSUPPORTED', 'upload'));
  }

  download(): Promise<void> {
    return Promise.reject(new SandboxError('SANDBOX_UNSUPPORTED', 'download'));
  }

  renew(): Promise<void> {
    return Promise.reject(new SandboxError('SANDBOX_UNSUPPORTED', 'renew'));
  }

  detach(): Promise<void> {
    return Promise.reject(new SandboxError('SANDBOX_UNSUPPORTED', 'detach'));
  }

  terminate(): Promise<void> {
    return this.#terminate('aborted');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  #terminate(cause: 'aborted' | 'timed_out'): Promise<void> {
    this.#termination ??= this.#endAndRemove(cause);
    return this.#termination;
  }

  async #endAndRemove(cause: 'aborted' | 'timed_out'): Promise<void> {
    clearTimeout(this.#wallTimer);
    const running = [...this.#running];
    for (const exec of running) exec.end(cause);
    await Promise.allSettled(running.map((exec) => exec.result));
    await this.#options.confinement.sweep(sandboxLabel(this.id));
    await this.#options.remove();
  }

  #onWallTimeout(): void {
    const { logger } = this.#options;
    logger.warn({ sandbox: this.id }, 'sandbox ended at its wall time limit');
    this.#terminate('timed_out').catch((error: unknown) => {
      logger.error({ sandbox: this.id, error }, 'sandbox could not be removed');
    });
  }

  #requireAlive(): void {
    if (this.#termination === undefined) return;
    throw new SandboxError('SANDBOX_TERMINATED', `sandbox ${this.id} has ended`, {
      details: { sandbox: this.id },
    });
  }

  #environment(own: Readonly<Record<string, string>>): Record<string, string> {
    const { setting, confinement } = this.#options;
    const { home, temp } = setting.places;
    return {
      ...setting.registries?.env,
      ...own,
      ...confinement.environment(setting.places),
      HOME: home.inside,
      TMPDIR: temp.inside,
    };
  }

  /** Finds the host folder for a path inside; only folders that a sandbox may write exist for the host. */
  #locate(path: string): { folder: string; relative: string } {
    const { places, overlay } = this.#options.setting;
    const { workdir, control, intake, home } = places;
    // With an overlay, its folder holds the changes only, in a form of the kernel's.
    for (const place of overlay === undefined ? [workdir, control, intake, home] : [control, intake, home]) {
      if (path.startsWith(`${place.inside}/`)) {
        return { folder: place.host, relative: path.slice(place.inside.length + 1) };
      }
    }
    throw new SandboxError('SANDBOX_FILE_REFUSED', `${path} is not in a folder of sandbox ${this.id}`, {
      details: { sandbox: this.id, file: path },
    });
  }
}
