import { agentResolver } from './agent/agent-resolver.ts';
import type { ConflictAgent } from './agent/conflict-agent.ts';
import type { ConflictResolver } from './conflict-resolver.ts';
import { duplicateResolver } from './duplicate-resolver.ts';
import { jsonResolver } from './json/json-resolver.ts';
import { packageJsonResolver } from './json/package-json-resolver.ts';
import { lockfileResolver, type LockfileResolverOptions } from './lockfile/lockfile-resolver.ts';
import { unionResolver, type UnionResolverOptions } from './union-resolver.ts';

export interface DefaultResolversOptions {
  /** Files that are lists of lines. Default none. */
  readonly union?: UnionResolverOptions;
  /** Where lockfiles are regenerated. Default: they are not. */
  readonly lockfiles?: LockfileResolverOptions;
  /** Asked about what no rule decides. Default nobody. */
  readonly agent?: ConflictAgent;
}

/** All resolvers in their order: rules before judgement, and lockfiles when every manifest is decided. */
export function defaultResolvers(options: DefaultResolversOptions = {}): readonly ConflictResolver[] {
  const { union, lockfiles, agent } = options;
  return [
    packageJsonResolver(),
    jsonResolver(),
    ...(union === undefined ? [] : [unionResolver(union)]),
    duplicateResolver(),
    ...(agent === undefined ? [] : [agentResolver({ agent })]),
    ...(lockfiles === undefined ? [] : [lockfileResolver(lockfiles)]),
  ];
}
