import type { CommitSha, GateFailure } from '@agentswarm/core';

/** What a gate says about a tree. */
export type GateVerdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail'; readonly failure: GateFailure }
  /** It came to no answer: timed out, killed, no sandbox. The queue asks main before it blames anybody. */
  | { readonly kind: 'could_not_run'; readonly failure: GateFailure };

export interface GateRequest {
  /** Git directory that has the commit. */
  readonly repository: string;
  /** What would become main, or main itself when the queue wants to know whether it is green. */
  readonly commit: CommitSha;
  readonly tree: CommitSha;
  /** Branches in it that are not on main yet; empty for main itself. */
  readonly tickets: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Decides whether a tree may become main.
 *
 * Contract: judges the tree and nothing else, so that the same tree gets the same verdict; rejects with
 * the signal's reason when aborted; leaves nothing running. Every other rejection counts as
 * `could_not_run`.
 */
export interface Gate {
  /** Digest of everything besides the tree that decides the verdict. Default: the verdict is only good for this queue. */
  readonly environment?: string;
  run(request: GateRequest): Promise<GateVerdict>;
}

/** A gate that lets everything pass: branches then only need to merge without a conflict. */
export function noGate(): Gate {
  return { run: () => Promise.resolve({ kind: 'pass' }) };
}
