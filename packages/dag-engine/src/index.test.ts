import { expect, it } from 'vitest';
import * as dagEngine from './index.ts';

it('exports these names', () => {
  expect(Object.keys(dagEngine).toSorted()).toMatchInlineSnapshot(`
    [
      "GraphError",
      "addNodes",
      "createScheduler",
      "createTaskGraph",
      "criticalPath",
      "criticalPathWeights",
      "getReadyNodes",
      "isComplete",
      "markDownstreamSkipped",
      "runGraph",
      "taskGraphFromJson",
      "toMermaid",
      "topologicalSort",
    ]
  `);
});
