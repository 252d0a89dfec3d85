import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '@agentswarm/dag-engine/engine';
import { VerdictCounter } from './config/verdict-counter.ts';
import { openReview } from './open-review.ts';

describe('the review of a changelog entry', () => {
  let workspace: string;
  let engine: Engine;

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'custom-workflow-'));
    const folder = join(workspace, 'packages', 'demo');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"name":"@example/demo","version":"1.2.3"}');
    await writeFile(join(workspace, 'packages', 'package.json'), '{"name":"outside","version":"0"}');
    engine = await openReview(workspace, { checkpoint: 'never' });
  });

  afterAll(async () => {
    await engine.close();
    await rm(workspace, { recursive: true });
  });

  it('has manifests that say nothing odd', () => {
    expect(engine.manifestWarnings).toEqual([]);
  });

  it('accepts an entry that is well written', async () => {
    const { status, node_sequence, history, output } = await engine.run('demo: lands two branches at once');
    expect(status).toBe('success');
    expect(node_sequence).toEqual(['start', 'read_entry', 'review', 'accepted']);
    expect(history[1]?.tool_calls.map(({ tool_id, inputs }) => ({ tool_id, inputs }))).toEqual([
      { tool_id: 'find_package', inputs: { folder: 'demo' } },
    ]);
    expect(history[1]?.output).toMatchObject({ package: '@example/demo', version: '1.2.3' });
    expect(output).toMatchObject({ line: '- **@example/demo**: lands two branches at once' });
  });

  it('sends back an entry that is not', async () => {
    const { status, node_sequence, output } = await engine.run('demo: Fixed a bug.');
    expect([status, node_sequence.at(-1)]).toEqual(['failure', 'returned']);
    expect(output).toMatchObject({ route: 'revise', reason: 'ends with a full stop' });
  });

  it.each([
    ['no package at all', 'entry_unreadable'],
    ['warp-drive: goes faster', 'package_unknown'],
    [{ entry: 'demo: is an object' }, 'entry_unreadable'],
  ])('stops before the agent at %j', async (entry, error_id) => {
    const { status, node_sequence, error } = await engine.run(entry);
    expect([status, error?.error_id, node_sequence.at(-1)]).toEqual(['failure', error_id, 'read_entry']);
  });

  it('lets the tool see nothing but folders of its root', async () => {
    const { error, history } = await engine.run('--: looks around');
    expect([error?.error_id, history[1]?.tool_calls[0]?.error?.error_id]).toEqual([
      'package_unknown',
      'tool_execution_failed',
    ]);
    const misuse = await openReview(workspace, {
      checkpoint: 'never',
      deterministicOps: {
        read_entry: async (_task, _node, { callTool }) => {
          await callTool('find_package', { folder: '..' });
          return { output: { package: 'demo', version: '1', sentence: 'hides the misuse' } };
        },
      },
    });
    expect((await misuse.run('demo: x')).error?.error_id).toBe('tool_input_schema_mismatch');
    await misuse.close();
  });

  it('has a plugin that counts what the agent decided', async () => {
    const counting = await openReview(workspace, { checkpoint: 'never' });
    await counting.runMultiple(['demo: adds a door', 'demo: closes it', 'demo: Paint.', 'nobody']);
    const plugin = counting.getPluginRegistry().get('verdicts');
    await counting.close();
    expect(plugin).toBeInstanceOf(VerdictCounter);
    expect(plugin instanceof VerdictCounter && [...plugin.counts]).toEqual([
      ['accept', 2],
      ['revise', 1],
    ]);
  });

  it('passes its evaluations', async () => {
    const { totals } = await engine.createEvaluator().evaluateSuites(engine.loadEvaluations());
    expect(totals).toMatchObject({ total: 2, passed: 2 });
  });

  it('fails clearly without a model', async () => {
    const silent = await openReview(workspace, { checkpoint: 'never', llmFactory: () => undefined });
    const { status, error } = await silent.run('demo: adds a door');
    await silent.close();
    expect([status, error?.error_id]).toEqual(['failure', 'no_llm_client']);
  });
});
