import { posix } from 'node:path';
import { isInScope, isRepoPath } from '@agentswarm/core';
import { hasConflictMarkers } from '../resolve/conflict-markers.ts';
import type { BranchFacts, ChangedPath } from './branch-facts.ts';
import type { GuardFinding } from './finding.ts';
import { DEFAULT_MAX_FILE_BYTES, type GuardPolicy } from './guard-policy.ts';

type Facts = Pick<BranchFacts, 'changes'>;
type Refusal = Extract<GuardFinding, { readonly kind: 'refuse' }>;

const LINK = '120000';

/** Text files that got conflict markers they did not have before. */
export function checkConflictMarkers({ changes }: Facts): readonly GuardFinding[] {
  const marked = changes.filter(
    ({ text, textBefore, after }) =>
      text !== undefined &&
      after?.mode !== LINK &&
      hasConflictMarkers(text) &&
      !(textBefore !== undefined && hasConflictMarkers(textBefore)),
  );
  return refusal('conflict_markers', 'it has conflict markers', marked);
}

/** Files larger than the policy allows, without looking into them. */
export function checkFileSizes({ changes }: Facts, policy: GuardPolicy): readonly GuardFinding[] {
  const { maxFileBytes = DEFAULT_MAX_FILE_BYTES } = policy;
  const large = changes.filter(({ bytes = 0 }) => bytes > maxFileBytes);
  return refusal('file_too_large', `it has files larger than ${maxFileBytes} bytes`, large);
}

/** Changes where nobody, or not this branch, may change anything. */
export function checkScope(
  { changes }: Facts,
  { forbidden = [], scope }: GuardPolicy,
): readonly GuardFinding[] {
  const within = (entries: readonly string[]) => (change: ChangedPath) => isInScope(change.path, entries);
  return [
    ...refusal(
      'forbidden_path',
      'it changes paths that nobody may change',
      changes.filter(within(forbidden)),
    ),
    ...refusal(
      'outside_scope',
      'it changes paths outside its scope',
      scope === undefined ? [] : changes.filter((change) => !within(scope)(change)),
    ),
  ];
}

/** Names some systems cannot tell apart or keep, and links that lead out of the tree. */
export function checkPaths({ changes }: Facts): readonly GuardFinding[] {
  const present = changes.filter(({ after }) => after !== undefined);
  return refusal(
    'unsafe_path',
    'it has paths that are not safe on every system, or links that leave the tree',
    present.filter((change) => !isSafeName(change.path) || leavesTree(change) || collides(change)),
  );
}

/** Bytes that are no UTF-8 stand as U+FFFD and are no reason to refuse. */
function isSafeName(path: string): boolean {
  return isRepoPath(path.replaceAll('\\', '_').replaceAll('\ufffd', '_'));
}

function leavesTree({ path, text, after }: ChangedPath): boolean {
  if (after?.mode !== LINK || text === undefined) return false;
  const target = posix.normalize(posix.join(posix.dirname(path), text));
  return text.startsWith('/') || target === '..' || target.startsWith('../');
}

function collides({ path, siblings = [] }: ChangedPath): boolean {
  const name = posix.basename(path);
  return siblings.some((other) => other !== name && sameEverywhere(other, name));
}

/** Whether a file system that ignores case or normalises Unicode takes two names for one. */
function sameEverywhere(a: string, b: string): boolean {
  const plain = (name: string) => name.normalize('NFC').toLowerCase();
  return plain(a) === plain(b);
}

function refusal(
  reason: Refusal['reason'],
  message: string,
  found: readonly ChangedPath[],
): readonly Refusal[] {
  if (found.length === 0) return [];
  return [{ kind: 'refuse', reason, message, paths: found.map(({ path }) => path) }];
}
