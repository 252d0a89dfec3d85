import type { CommitSha } from '@agentswarm/core';
import type { RefEntry } from '@agentswarm/git';

/** A branch and where it points. */
export interface FoundBranch {
  readonly name: string;
  readonly head: CommitSha;
}

/** Branches to land, in order, and names that stand for none. */
export interface ChosenBranches {
  readonly found: readonly FoundBranch[];
  readonly unknown: readonly string[];
}

export interface BranchChoice {
  /** Branches as full refs. */
  readonly refs: readonly RefEntry[];
  /** Never chosen by a pattern. */
  readonly target: string;
  /** `*` stands for anything, `/` included. */
  readonly patterns: readonly string[];
  readonly names: readonly string[];
}

const PREFIX = 'refs/heads/';

/** Chooses branches: those named in their order, then those that match, by name; each once. */
export function chooseBranches({ refs, target, patterns, names }: BranchChoice): ChosenBranches {
  const heads = new Map(refs.map(({ ref, commit }) => [ref.slice(PREFIX.length), commit]));
  const matches = patterns.map(toRegExp);
  const matched = [...heads.keys()].filter(
    (name) => name !== target && matches.some((match) => match.test(name)),
  );
  const wanted = [...new Set([...names, ...matched.toSorted()])];
  return {
    found: wanted.flatMap((name) => {
      const head = heads.get(name);
      return head === undefined ? [] : [{ name, head }];
    }),
    unknown: wanted.filter((name) => !heads.has(name)),
  };
}

function toRegExp(pattern: string): RegExp {
  const parts = pattern.replace(/^refs\/heads\//, '').split('*');
  return new RegExp(
    `^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('.*')}$`,
    'su',
  );
}
