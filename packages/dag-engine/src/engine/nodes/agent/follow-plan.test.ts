import { expect, it } from 'vitest';
import type { ToolReply } from '../../tools/tool-session.ts';
import { followPlan } from './follow-plan.ts';

const step = { tool_id: 'read', inputs: {}, reason: '', kind: 'read' } as const;

it('runs no further step once the tools gave too much', async () => {
  let calls = 0;
  const session = {
    misuse: null,
    call: async (): Promise<ToolReply> => {
      calls += 1;
      return { status: 'completed', output: { content: 'x'.repeat(40), lines: [1, null, true] } };
    },
  };
  const steps = Array.from({ length: 5 }, () => step);
  expect(await followPlan({ steps }, session, 1_000)).toBeNull();
  expect(calls).toBe(5);
  expect(await followPlan({ steps }, session, 100)).toMatchObject({
    error_id: 'tool_plan_too_large',
    message: expect.stringContaining('more than 100 characters') as string,
  });
  expect(calls).toBe(7);
});
