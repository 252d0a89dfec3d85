import type { CommitSha, GateFailure, QueueEvent, RefusalReason, ResolvedPath } from '@agentswarm/core';
import type { PathConflict } from '@agentswarm/git';
import type { QueueEntry } from '../entry/queue-entry.ts';
import type { EventLog } from './event-log.ts';

type EventOf<Type extends QueueEvent['type']> = Extract<QueueEvent, { readonly type: Type }>;

/** A ticket that landed, and the commit that brought it. */
export interface LandedTicket {
  readonly ticket: string;
  readonly commit: CommitSha;
}

/**
 * Entries without an outcome, and the outcomes. An entry leaves when its outcome has been appended, and
 * only then; this is the one place where that happens. The first outcome stands: one that is found for
 * an entry that was cancelled meanwhile is dropped.
 */
export class Settlement {
  readonly #log: EventLog;
  readonly #open = new Map<string, QueueEntry>();
  readonly #landed = new Set<string>();
  readonly #lost = new Set<string>();
  readonly #landings: LandedTicket[] = [];
  #revision = 0;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Grows with every arrival and every outcome. */
  get revision(): number {
    return this.#revision;
  }

  /** Entries without an outcome, in order of arrival. */
  get open(): ReadonlyMap<string, QueueEntry> {
    return this.#open;
  }

  get landed(): ReadonlySet<string> {
    return this.#landed;
  }

  /** Landings of this queue in their order. */
  get landings(): readonly LandedTicket[] {
    return this.#landings;
  }

  knows(ticket: string): boolean {
    return this.#open.has(ticket) || this.#landed.has(ticket) || this.#lost.has(ticket);
  }

  isLost(ticket: string): boolean {
    return this.#lost.has(ticket);
  }

  add(entry: QueueEntry): void {
    this.#open.set(entry.ticket, entry);
    this.#revision += 1;
  }

  /** Takes over an outcome of an earlier queue. */
  restore(ticket: string, outcome: 'landed' | 'lost'): void {
    (outcome === 'landed' ? this.#landed : this.#lost).add(ticket);
  }

  announceLanded(
    { ticket, branch, head }: QueueEntry,
    {
      commit,
      main,
      resolved = [],
    }: { readonly commit: CommitSha; readonly main: CommitSha; readonly resolved?: readonly ResolvedPath[] },
  ): void {
    if (!this.#open.has(ticket)) return;
    this.#log.append({
      type: 'branch_landed',
      ticket,
      branch,
      head,
      commit,
      main,
      ...(resolved.length === 0 ? {} : { resolved: resolved.map(toEventPath) }),
    });
    this.#close(ticket);
    this.#landed.add(ticket);
    this.#landings.push({ ticket, commit });
  }

  conflicted(
    entry: QueueEntry,
    found: {
      readonly main: CommitSha;
      readonly conflicts: readonly PathConflict[];
      readonly with: readonly string[];
    },
  ): void {
    this.#lose(entry, {
      type: 'branch_conflicted',
      ticket: entry.ticket,
      branch: entry.branch,
      files: found.conflicts.map(({ path }) => path),
      main: found.main,
      conflicts: found.conflicts.map(({ path, base, ours, theirs }) => ({
        path,
        ...(base === undefined ? {} : { base: base.object }),
        ...(ours === undefined ? {} : { ours: ours.object }),
        ...(theirs === undefined ? {} : { theirs: theirs.object }),
      })),
      ...(found.with.length === 0 ? {} : { conflictsWith: [...found.with] }),
    });
  }

  eject(
    entry: QueueEntry,
    evidence: {
      readonly main: CommitSha;
      readonly failure: GateFailure;
      readonly mergedWith: readonly string[];
      readonly resolved: readonly ResolvedPath[];
    },
  ): void {
    const { main, failure, mergedWith, resolved } = evidence;
    this.#lose(entry, {
      type: 'branch_ejected',
      ticket: entry.ticket,
      branch: entry.branch,
      main,
      failure,
      ...(mergedWith.length === 0 ? {} : { mergedWith: [...mergedWith] }),
      ...(resolved.length === 0 ? {} : { resolved: resolved.map(toEventPath) }),
    });
  }

  refuse(
    entry: QueueEntry,
    why: { readonly reason: RefusalReason; readonly message: string; readonly paths?: readonly string[] },
  ): void {
    this.#lose(entry, {
      type: 'branch_refused',
      ticket: entry.ticket,
      branch: entry.branch,
      reason: why.reason,
      message: why.message,
      paths: [...(why.paths ?? [])],
    });
  }

  /** Tells something about an entry that stays in line. */
  warn({ ticket, branch }: QueueEntry, { paths }: { readonly paths: readonly string[] }): void {
    this.#log.append({
      type: 'branch_warned',
      ticket,
      branch,
      warning: 'unexplained_changes',
      paths: [...paths],
    });
  }

  cancel({ ticket, branch }: QueueEntry): void {
    this.#lose({ ticket }, { type: 'branch_cancelled', ticket, branch });
  }

  #lose(
    { ticket }: Pick<QueueEntry, 'ticket'>,
    event: EventOf<'branch_conflicted' | 'branch_ejected' | 'branch_refused' | 'branch_cancelled'>,
  ): void {
    if (!this.#open.has(ticket)) return;
    this.#log.append(event);
    this.#close(ticket);
    this.#lost.add(ticket);
  }

  #close(ticket: string): void {
    this.#open.delete(ticket);
    this.#revision += 1;
  }
}

function toEventPath({ path, resolver, dropped }: ResolvedPath): ResolvedPath {
  return { path, resolver, dropped: [...dropped] };
}
