import type { MetricsProfile } from '../model/manifest-set.ts';

/** The first enabled profile; `null` collects nothing. */
export function selectMetricsProfile(profiles: readonly MetricsProfile[]): MetricsProfile | null {
  return profiles.find(({ enabled }) => enabled) ?? null;
}
