import { isInScope } from './repo-path.ts';

/** What a worker may change besides its own scope, and what it may never change. */
export interface ScopeRules {
  readonly scope: readonly string[];
  readonly shared: readonly string[];
  /** Forbidden even inside scope; see {@link FORBIDDEN_PATHS}. */
  readonly forbidden: readonly string[];
}

/** Configuration and instructions of the swarm itself: a landed change must not alter gate, endpoint or isolation. */
export const FORBIDDEN_PATHS: readonly string[] = [
  '.agentswarm/',
  'agentswarm.config.json',
  'agentswarm.config.yaml',
  'agentswarm.config.yml',
  '.env',
  'AGENTS.md',
  'SPEC.md',
  'FEATURES.json',
];

/** The files of a hand-in that may not be merged, in the order given. */
export function findUndeclaredFiles(files: readonly string[], rules: ScopeRules): string[] {
  return files.filter(
    (file) =>
      isInScope(file, rules.forbidden) || !(isInScope(file, rules.scope) || isInScope(file, rules.shared)),
  );
}
