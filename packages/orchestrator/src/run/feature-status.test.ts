import { foldRecords, RunEventSchema, TaskSchema } from '@agentswarm/core';
import { expect, it } from 'vitest';
import { updateFeatureStatuses } from './feature-status.ts';

const feature = (id: string, status: string) => ({
  id,
  category: 'c',
  priority: 1,
  description: 'says "status": "planned" itself',
  files: ['a.ts'],
  acceptance: ['x'],
  status,
  dependsOn: [],
});
const SHA = 'a'.repeat(40);

function stateOf(features: unknown[]) {
  const task = TaskSchema.parse({
    id: 'one',
    description: 'd',
    scope: ['a.ts'],
    acceptance: ['x'],
    features: ['alpha'],
  });
  const events = [
    {
      type: 'run_started',
      runId: 'run-1',
      process: { pid: 1, version: '0' },
      config: {},
      gate: [],
      spec: '',
      features,
      endpoints: [],
      isolation: 'none',
      target: { path: '/t', remote: 'r', mainBranch: 'main', base: SHA },
    },
    {
      type: 'planning_completed',
      round: 1,
      tasks: [task],
      scratchpad: '',
      specMet: false,
      durationMs: 1,
      heardSeq: 0,
    },
    {
      type: 'attempt_dispatched',
      taskId: 'one',
      attemptId: 'one.1',
      number: 1,
      branch: 'worker/one',
      base: SHA,
    },
    { type: 'branch_landed', ticket: 'one.1', branch: 'worker/one', head: SHA, commit: SHA, main: SHA },
  ];
  return foldRecords(
    events.map((event, index) => ({ seq: index + 1, atMs: index, event: RunEventSchema.parse(event) })),
  );
}

it('changes the statuses that landings prove and nothing else', () => {
  const features = [feature('alpha', 'planned'), feature('beta', 'planned')];
  const text = JSON.stringify({ features }, undefined, 4);
  const updated = updateFeatureStatuses(text, stateOf(features));
  expect(updated).toBe(
    JSON.stringify({ features: [feature('alpha', 'landed'), feature('beta', 'planned')] }, undefined, 4),
  );
});

it('has nothing to say when the file is right already', () => {
  const features = [feature('alpha', 'landed')];
  expect(updateFeatureStatuses(JSON.stringify({ features }), stateOf(features))).toBeUndefined();
});
