import { expect, it } from 'vitest';
import { toMermaid } from './mermaid.ts';
import { createTaskGraph } from './task-graph.ts';

const graph = createTaskGraph([
  { id: 'ui', dependsOn: ['core', 'api'] },
  { id: 'api', dependsOn: ['core'] },
  { id: 'core' },
]);

it('draws nodes and edges', () => {
  expect(toMermaid(graph)).toMatchInlineSnapshot(`
    "flowchart LR
      n0["ui"]
      n1["api"]
      n2["core"]
      n2 --> n0
      n1 --> n0
      n2 --> n1
    "
  `);
  expect(toMermaid(graph, { direction: 'TD' }).split('\n')[0]).toBe('flowchart TD');
});

it('lets no label end its quotes, start a tag or format itself', () => {
  const text = toMermaid(createTaskGraph([{ id: 'a' }]), {
    labelOf: () => '"] <b>`x`</b>; #quot; %% \n end',
  });
  expect(text.split('\n')).toEqual([
    'flowchart LR',
    '  n0["#34;#93; #60;b#62;#96;x#96;#60;/b#62;#59; #35;quot#59; #37;#37; #10; end"]',
    '',
  ]);
});
