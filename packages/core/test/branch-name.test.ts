import { BranchNameSchema } from '@agentswarm/core';
import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const name = fc
  .array(fc.constantFrom('a', 'B', '1', '.', '/', '-', '_', '.lock', '@', '{', '~', ' ', 'é', 'main'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces) => pieces.join(''));

it('takes no branch name that git refuses', () => {
  fc.assert(
    fc.property(name, (branch) => {
      if (!BranchNameSchema.safeParse(branch).success) return;
      expect(spawnSync('git', ['check-ref-format', `refs/heads/${branch}`]).status).toBe(0);
    }),
    { numRuns: 1_000 },
  );
});
