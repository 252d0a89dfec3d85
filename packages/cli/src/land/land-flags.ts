import type { BackendKind } from '../backends/backend-kinds.ts';
import type { OutputFlags } from '../view/run-view.ts';

/** Options of `agentswarm land` as commander gives them. */
export interface LandFlags extends OutputFlags, RepositoryFlags {
  readonly gate?: readonly string[];
  readonly gateNetwork?: string;
  readonly strategy?: string;
  readonly batch?: string;
  readonly slots?: string;
  readonly backend: BackendKind;
  readonly isolation?: string;
  /** False with `--no-resolvers`. */
  readonly resolvers?: boolean;
  readonly dryRun?: boolean;
}

/** Options that say which branches of which repository. */
export interface RepositoryFlags {
  readonly repo?: string;
  readonly target?: string;
  readonly remote?: string;
  readonly branches?: readonly string[];
  readonly json?: boolean;
}
