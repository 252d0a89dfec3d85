import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';

const PLAN = {
  nodes: [
    { id: 'deploy', dependsOn: ['ui', 'api'] },
    { id: 'ui', dependsOn: ['core'], hours: 5 },
    { id: 'api', dependsOn: ['core'], status: 'complete' },
    { id: 'core' },
  ],
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'agentswarm-graph-'));
  await writeFile(join(directory, 'plan.json'), JSON.stringify(PLAN));
});
afterEach(() => rm(directory, { recursive: true }));

const graph = (argv: readonly string[], typed: unknown = PLAN) =>
  runCaptured(['graph', ...argv], {
    directory,
    openStdin: () => Readable.from([typeof typed === 'string' ? typed : JSON.stringify(typed)]),
  });

it.each([
  [['validate', 'plan.json'], 'valid: 4 nodes, 4 edges\n'],
  [['sort', 'plan.json'], 'core\nui\napi\ndeploy\n'],
  [['ready', 'plan.json'], 'core\n'],
  [['ready', 'plan.json', '--done', 'core'], 'ui\n'],
  [['ready', '--done', 'core', 'ui'], 'deploy\n'],
  [['ready', '-', '--done', 'core', 'ui', 'deploy'], ''],
])('%s', async (argv, stdout) => {
  expect(await graph(argv)).toEqual({ code: 0, stdout, stderr: '' });
});

it('gives nodes back as they are, and draws them', async () => {
  const ready = await graph(['ready', 'plan.json', '--done', 'core', '--json']);
  expect(JSON.parse(ready.stdout)).toEqual([PLAN.nodes[1]]);
  expect(JSON.parse((await graph(['validate', '--json'])).stdout)).toEqual({
    valid: true,
    nodes: 4,
    edges: 4,
  });
  expect((await graph(['mermaid'])).stdout).toContain('flowchart LR\n  n0["deploy"]\n');
});

it('says everything that is wrong at once', async () => {
  const nodes = [{ id: 'a', dependsOn: ['nowhere'] }, { id: 'b', dependsOn: ['b'] }, { id: 'a' }];
  const { code, stdout, stderr } = await graph(['validate'], { nodes });
  expect([code, stdout]).toEqual([2, '']);
  for (const text of ['duplicate id "a"', '"nowhere"', '"b" depends on itself'])
    expect(stderr).toContain(text);
  const json = await graph(['validate', '--json'], { nodes });
  expect([json.code, json.stderr]).toEqual([2, '']);
  expect(JSON.parse(json.stdout)).toEqual({
    valid: false,
    problems: [
      { kind: 'duplicate_id', id: 'a' },
      { kind: 'unknown_dependency', id: 'a', dependency: 'nowhere' },
      { kind: 'self_edge', id: 'b' },
    ],
  });
  const noGraph = await graph(['validate', '--json'], 'no JSON');
  expect(JSON.parse(noGraph.stdout)).toEqual({ valid: false, problems: ['task graph is not JSON'] });
});

it.each([
  ['text that is no graph', ['sort'], '{"nodes": 3}', 'GRAPH_JSON_INVALID'],
  ['a file there is not', ['sort', 'other.json'], '', 'CLI_FILE_UNREADABLE'],
  ['a done node there is not', ['ready', '--done', 'other'], PLAN, 'CLI_USAGE'],
  ['a status there is not', ['ready'], { nodes: [{ id: 'a', status: 'done' }] }, 'CLI_USAGE'],
])('refuses %s', async (_what, argv, typed, code) => {
  const result = await graph(argv, typed);
  expect([result.code, result.stdout]).toEqual([2, '']);
  expect(result.stderr).toContain(`[${code}]`);
});

it('prints ids of others so that they cannot move the cursor', async () => {
  const { stdout } = await graph(['sort'], { nodes: [{ id: 'a\u001b[2Jb\nc' }] });
  expect(stdout).toBe('a [2Jb c\n');
});
