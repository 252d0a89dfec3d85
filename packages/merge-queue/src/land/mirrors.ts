import type { BranchName, CommitSha, Logger, Secret } from '@agentswarm/core';
import { pushCompareAndSwap, remoteTip } from '@agentswarm/git';
import { toSwarmError } from '@agentswarm/core';
import type { EventLog } from '../queue/event-log.ts';

/** A remote that follows the target. */
export interface MirrorOptions {
  /** Shown in events. Default: the remote. */
  readonly name?: string;
  /** URL, path or name of a remote of the repository. */
  readonly remote: string;
  readonly credential?: Secret;
}

interface MirrorsOptions {
  readonly repository: string;
  readonly branch: BranchName;
  readonly mirrors: readonly MirrorOptions[];
  readonly log: EventLog;
  readonly logger: Logger;
}

/**
 * Brings mirrors up to date, each at its own speed: a mirror that is behind gets everything landed
 * meanwhile with one push. A mirror somebody else wrote to is left alone from then on.
 */
export class Mirrors {
  readonly #options: MirrorsOptions;
  readonly #pushing = new Map<MirrorOptions, Promise<void>>();
  readonly #diverged = new Set<MirrorOptions>();
  /** What the queue last put there; unknown until the first push. */
  readonly #known = new Map<MirrorOptions, CommitSha>();
  #wanted: CommitSha | undefined;
  readonly #outcomes: (() => void)[] = [];

  constructor(options: MirrorsOptions) {
    this.#options = options;
  }

  /** The target is at a commit now. */
  follow(commit: CommitSha | undefined): void {
    if (commit === undefined || commit === this.#wanted) return;
    this.#wanted = commit;
    for (const mirror of this.#options.mirrors) {
      if (this.#pushing.has(mirror) || this.#diverged.has(mirror)) continue;
      const pushing = this.#bringUpToDate(mirror).finally(() => this.#pushing.delete(mirror));
      this.#pushing.set(mirror, pushing);
    }
  }

  /** Resolves when no push is in progress. */
  async settled(): Promise<void> {
    await Promise.all(this.#pushing.values());
  }

  /** Appends what became of pushes since the last call. */
  collect(): void {
    for (const append of this.#outcomes.splice(0)) append();
  }

  async #bringUpToDate(mirror: MirrorOptions): Promise<void> {
    while (this.#wanted !== undefined && this.#wanted !== this.#known.get(mirror)) {
      const commit = this.#wanted;
      const problem = await this.#push(mirror, commit);
      const name = mirror.name ?? mirror.remote;
      const { log, logger } = this.#options;
      if (problem === undefined) {
        this.#known.set(mirror, commit);
        this.#outcomes.push(() => log.append({ type: 'mirror_pushed', mirror: name, commit }));
        continue;
      }
      logger.warn({ mirror: name, problem }, 'a mirror could not be pushed');
      this.#outcomes.push(() => log.append({ type: 'mirror_failed', mirror: name, message: problem }));
      return;
    }
  }

  /** What went wrong, if anything. */
  async #push(mirror: MirrorOptions, commit: CommitSha): Promise<string | undefined> {
    const { repository, branch } = this.#options;
    const { remote, credential } = mirror;
    const access = {
      repository,
      remote,
      ...(credential === undefined ? {} : { credential: { token: credential } }),
    };
    try {
      const old = this.#known.get(mirror) ?? (await remoteTip({ ...access, branch })) ?? null;
      if (old === commit) return undefined;
      const result = await pushCompareAndSwap({ ...access, ref: `refs/heads/${branch}`, old, new: commit });
      if (result.kind === 'pushed') return undefined;
      this.#diverged.add(mirror);
      return result.kind === 'refused'
        ? result.detail
        : `somebody else moved it to ${result.actual ?? 'nothing'}`;
    } catch (error) {
      return toSwarmError(error).message;
    }
  }
}
