/**
 * Kept trees of one repository: each is a checkout in full. One for the gate, which follows the target, and one for
 * the attempts that started before; further commits cost their difference only.
 */
const MAX_TREES = 2;

export interface TreeState {
  /** Of the objects it borrows. */
  readonly key: string;
  readonly commit: string;
  /** Whoever shows it: it must stay as it is. */
  readonly users: ReadonlySet<string>;
}

/** What to do for one more sandbox: `use` a tree as it is, `bring` a free one to the commit, or `make` another. */
export type TreeChoice<Tree> =
  { readonly kind: 'use' | 'bring'; readonly tree: Tree } | { readonly kind: 'make' };

/** Decides by which tree a sandbox at a commit is shown, given the trees from the oldest to the newest. */
export function chooseTree<Tree extends TreeState>(
  trees: readonly Tree[],
  wanted: Pick<TreeState, 'key' | 'commit'>,
): TreeChoice<Tree> {
  const candidates = trees.filter(({ key }) => key === wanted.key);
  const same = candidates.find(({ commit }) => commit === wanted.commit);
  if (same !== undefined) return { kind: 'use', tree: same };
  const free = candidates.find(({ users }) => users.size === 0);
  if (free !== undefined) return { kind: 'bring', tree: free };
  const newest = candidates.at(-1);
  if (newest === undefined || candidates.length < MAX_TREES) return { kind: 'make' };
  return { kind: 'use', tree: newest };
}
