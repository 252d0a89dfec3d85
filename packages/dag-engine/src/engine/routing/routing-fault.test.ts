import { expect, it } from 'vitest';
import { failureSignatureOf, routingError } from './routing-fault.ts';

const error = routingError(
  { id: 'merge_no_inputs', message: 'nothing arrived' },
  { taskId: 't', stageId: 'm', at: '2024-01-01T00:00:00.000Z' },
);

it('is told with its place and time', () => {
  expect(error).toEqual({
    error_id: 'merge_no_inputs',
    code: 'routing',
    message: 'nothing arrived',
    source: 'router',
    severity: 'error',
    details: null,
    stage_id: 'm',
    task_id: 't',
    timestamp: '2024-01-01T00:00:00.000Z',
  });
});

it.each([
  ['timeout', 'runtime', 'timeout'],
  ['json', 'json_engine', 'json_error'],
  ['security', 'policy', 'tool_failure'],
  ['tool', 'tool_runtime', 'tool_failure'],
  ['routing', 'router', 'plan_invalid'],
  ['validation', 'memory', 'context_miss'],
  ['agent', 'agent_runtime', 'unknown'],
] as const)('a failure of %s in %s is remembered as %s', (code, source, remembered) => {
  expect(failureSignatureOf({ ...error, code, source })).toEqual({
    code: remembered,
    message: 'nothing arrived',
    stage_id: 'm',
    severity: 'error',
    metadata: { error_id: 'merge_no_inputs' },
  });
});
