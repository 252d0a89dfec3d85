import type { BranchName, CommitSha, Feature } from '@agentswarm/core';
import type { RemoteCredential } from '@agentswarm/git';
import type { StateFolder } from './state-folder.ts';

/** A repository a run works on, checked and ready. */
export interface Target {
  /** Top level of the repository. */
  readonly path: string;
  readonly isBare: boolean;
  readonly mainBranch: BranchName;
  /** Where landings go: URL or absolute path; a landing repository of ours where the target has no remote. */
  readonly remote: string;
  /** The remote without credentials, for people and the journal. */
  readonly displayRemote: string;
  readonly credential?: RemoteCredential;
  /** Tip of main when the run began. */
  readonly base: CommitSha;
  /** Tip of main when the target was opened: `base`, or newer for a run that is resumed. */
  readonly tip: CommitSha;
  readonly state: StateFolder;
  readonly spec: string;
  readonly features: readonly Feature[];
  /** Commands that must pass on every merged tree. */
  readonly gate: readonly string[];
  /** Things a person should know: a dirty work tree, a landing repository made. */
  readonly notices: readonly string[];
}
