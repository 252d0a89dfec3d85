import type { MergeIntents } from '../conflict-resolver.ts';

/** A conflicted text with all there is to know about it. */
export interface AgentConflict {
  readonly path: string;
  /** Absent where the file does not exist. */
  readonly base?: string;
  readonly ours?: string;
  readonly theirs?: string;
}

export interface ConflictAgentRequest {
  readonly conflicts: readonly AgentConflict[];
  readonly intents: MergeIntents;
  readonly signal: AbortSignal;
}

/** What an agent would put in a conflicted path; null to remove the file. */
export interface AgentProposal {
  readonly path: string;
  readonly content: string | null;
}

/**
 * Somebody who understands both changes: a model, a person.
 *
 * Contract: leaves out the paths it is not sure about; rejects when aborted or when it could not work at all.
 */
export interface ConflictAgent {
  propose(request: ConflictAgentRequest): Promise<readonly AgentProposal[]>;
}
