import { openGitSession } from '@agentswarm/git';
import { createRadar, type Radar } from '@agentswarm/merge-queue';
import { chooseBranches, type FoundBranch } from './choose-branches.ts';
import { importHeads } from './import-heads.ts';
import type { RepositoryFlags } from './land-flags.ts';
import { openRepository, type LandRepository } from './open-repository.ts';

/** A radar over the branches in flight, and the branches asked about. */
export interface OpenRadar {
  readonly radar: Radar;
  readonly repository: LandRepository;
  readonly named: readonly FoundBranch[];
  readonly unknown: readonly string[];
}

/** Calls `use` with a radar on which every branch that matches a pattern is in flight, the named ones apart. */
export async function withRadar<T>(
  directory: string,
  {
    names,
    flags,
    signal,
  }: { readonly names: readonly string[]; readonly flags: RepositoryFlags; readonly signal: AbortSignal },
  use: (open: OpenRadar) => Promise<T>,
): Promise<T> {
  const repository = await openRepository(directory, flags);
  const { refs, target, tip, root } = repository;
  const { found, unknown } = chooseBranches({ refs, target, patterns: flags.branches ?? ['*'], names });
  await using _heads = await importHeads(repository, found, signal);
  await using session = await openGitSession({ repository: root });
  const radar = createRadar({ session, target: tip });
  const named = found.filter(({ name }) => names.includes(name));
  for (const { name, head } of found) {
    if (!names.includes(name)) await radar.add({ ticket: name, head }, { signal });
  }
  return await use({ radar, repository, named, unknown });
}
