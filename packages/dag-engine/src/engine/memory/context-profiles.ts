import type { ContextProfile } from '../model/context.ts';
import type { RetrievalPolicy } from '../model/vocabulary.ts';

const GLOBAL_PROFILE = 'global_default';

/** What a node's `context` names. */
export type ProfileResolution =
  | { readonly kind: 'none' }
  | { readonly kind: 'profile'; readonly profile: ContextProfile }
  | { readonly kind: 'unknown' };

/** `none` is no context, `global` is the profile `global_default`, anything else the id of a profile. */
export function resolveProfile(profiles: readonly ContextProfile[], contextId: string): ProfileResolution {
  if (contextId === 'none') return { kind: 'none' };
  const id = contextId === 'global' ? GLOBAL_PROFILE : contextId;
  const profile = profiles.find((candidate) => candidate.id === id);
  return profile === undefined ? { kind: 'unknown' } : { kind: 'profile', profile };
}

/** Profiles whose policy nothing here can follow: `recency` is built in, others need a registered retriever. */
export function selectUnservedProfiles(
  profiles: readonly ContextProfile[],
  retrievers: ReadonlySet<RetrievalPolicy>,
): readonly ContextProfile[] {
  return profiles.filter(({ retrieval_policy: policy }) => policy !== 'recency' && !retrievers.has(policy));
}
