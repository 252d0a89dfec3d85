import { expect, it } from 'vitest';
import * as dagEngine from './index.ts';

it('exports these names', () => {
  expect(Object.keys(dagEngine).toSorted()).toMatchInlineSnapshot(`
    [
      "GraphError",
      "addNodes",
      "createTaskGraph",
      "criticalPath",
      "criticalPathWeights",
      "getReadyNodes",
      "isComplete",
      "markDownstreamSkipped",
      "taskGraphFromJson",
      "toMermaid",
      "topologicalSort",
    ]
  `);
});
