import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Engine, type EngineOptions } from '../../src/engine.ts';
import { createConfigDirectory } from './config-directory.ts';
import { scriptedModel } from './open-engine.ts';

const template = fileURLToPath(new URL('../../templates/project_template/', import.meta.url));

/** The template in a workspace of its own, as `engine init` leaves it. */
async function openTemplate(options: EngineOptions = {}) {
  const directory = await createConfigDirectory();
  const project = join(directory.workspace, 'project');
  await cp(template, project, { recursive: true });
  await writeFile(join(project, 'note.txt'), 'remember the milk');
  const engine = await Engine.fromConfigDir(join(project, 'config'), options);
  return {
    engine,
    project,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const readsNote = scriptedModel(() => ({
  main_result: { answer: 'A note.' },
  tool_plan: {
    steps: [{ tool_id: 'list_files' }, { tool_id: 'read_file', inputs: { path: 'note.txt' } }],
  },
}));

it('loads without a warning and runs on a scripted model', async () => {
  await using opened = await openTemplate({ llmFactory: readsNote });
  expect(opened.engine.manifestWarnings).toEqual([]);
  const result = await opened.engine.run('What is in this workspace?');
  expect(result).toMatchObject({
    status: 'success',
    node_sequence: ['start', 'answer', 'finish'],
    output: { answer: 'A note.', summary: 'remember the milk' },
  });
  expect(await readdir(join(opened.project, 'config', '.agent_engine'))).toEqual(
    expect.arrayContaining(['memory', 'tasks']),
  );
});

it('can be run while a conversation is open', async () => {
  await using conversation = await openTemplate({ llmFactory: readsNote });
  const configDir = join(conversation.project, 'config');
  await using beside = await Engine.fromConfigDir(configDir, { llmFactory: readsNote });
  expect(await beside.run('What is here?')).toMatchObject({ status: 'success' });
});

it('passes its evaluations', async () => {
  await using opened = await openTemplate({ llmFactory: readsNote });
  const suites = opened.engine.loadEvaluations();
  const { totals } = await opened.engine.createEvaluator().evaluateSuites(suites);
  expect(totals.total).toBeGreaterThan(0);
  expect(totals).toEqual({ ...totals, passed: totals.total, failed: 0, error: 0, skipped: 0 });
});

it('fails clearly without a model, and does not write though a model asks for it', async () => {
  await using without = await openTemplate();
  const failed = await without.engine.run('x');
  expect(failed).toMatchObject({ status: 'failure', output: 'x', error: { error_id: 'no_llm_client' } });
  const steps = [{ tool_id: 'write_file', inputs: { path: 'note.txt', content: 'gone' } }];
  const llmFactory = scriptedModel(() => ({ main_result: 'done', tool_plan: { steps } }));
  await using writing = await openTemplate({ llmFactory });
  expect(await writing.engine.run('x')).toMatchObject({ status: 'failure' });
  expect(await readFile(join(writing.project, 'note.txt'), 'utf8')).toBe('remember the milk');
});

it('is a mapping in every file, and its environment is lines of KEY=value', async () => {
  const files = await readdir(join(template, 'config'));
  for (const name of files) {
    const content: unknown = parse(await readFile(join(template, 'config', name), 'utf8'));
    expect(content, name).toBeTypeOf('object');
  }
  const lines = (await readFile(join(template, '.env.template'), 'utf8')).trim().split('\n');
  for (const line of lines) expect(line).toMatch(/^[A-Z_]+=\S*$/);
});
