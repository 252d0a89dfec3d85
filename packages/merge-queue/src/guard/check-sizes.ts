import type { BranchFacts } from './branch-facts.ts';
import { refusal, type GuardFinding } from './finding.ts';
import { DEFAULT_MAX_FILE_BYTES, type GuardPolicy } from './guard-policy.ts';

/** Files the branch adds or changes that are too large to be in the history for ever. */
export function checkSizes({ changes, sizes }: BranchFacts, policy: GuardPolicy): readonly GuardFinding[] {
  const { maxFileBytes = DEFAULT_MAX_FILE_BYTES } = policy;
  const large = changes.filter(
    ({ after }) => after !== undefined && (sizes.get(after.object) ?? 0) > maxFileBytes,
  );
  const message = `it has files larger than ${maxFileBytes} bytes`;
  return refusal(
    'file_too_large',
    message,
    large.map(({ path }) => path),
  );
}
