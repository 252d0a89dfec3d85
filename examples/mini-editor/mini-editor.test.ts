import { createStreamTerminal, type Engine, type JsonObject } from '@agentswarm/dag-engine/engine';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { documentPath } from './document-name.ts';
import { openMiniEditor } from './open-mini-editor.ts';

interface OpenEditor extends AsyncDisposable {
  readonly engine: Engine;
  readonly workspace: string;
}

async function openEditor(): Promise<OpenEditor> {
  const workspace = await mkdtemp(join(tmpdir(), 'mini-editor-'));
  const engine = await openMiniEditor(workspace, { stateRoot: join(workspace, '.agent_engine') });
  return {
    engine,
    workspace,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await rm(workspace, { recursive: true });
    },
  };
}

const create = (title: string, user_input = '') => ({ action: 'create', title, user_input });
const CREATED = [
  'start',
  'normalize_request',
  'decide_operation',
  'draft_document',
  'generate_summary',
  'exit',
];
const EDITED = CREATED.with(3, 'edit_document');

it('creates a document and sums it up', async () => {
  await using editor = await openEditor();
  const result = await editor.engine.run(create('Hello World', 'Say hello to everybody.'));
  const path = join(editor.workspace, 'documents', 'hello-world.md');
  expect(result).toMatchObject({
    status: 'success',
    current_node: 'exit',
    node_sequence: CREATED,
    output: {
      action: 'create',
      title: 'Hello World',
      path,
      summary: '# Hello World\nSay hello to everybody.',
      sections: ['Hello World'],
      tone: 'neutral',
    },
  });
  expect(await readFile(path, 'utf8')).toBe('# Hello World\n\nSay hello to everybody.\n');
  expect((result.output as JsonObject)['length']).toBe('# Hello World\n\nSay hello to everybody.\n'.length);
});

it('edits a document, and only reads one that is to be summed up', async () => {
  await using editor = await openEditor();
  const { engine, workspace } = editor;
  await engine.run(create('Notes'));
  const path = 'documents/notes.md';
  const edited = await engine.run({ action: 'edit', path, user_input: 'Buy milk' });
  expect(edited).toMatchObject({
    status: 'success',
    node_sequence: EDITED,
    output: { action: 'edit', path: join(workspace, path), summary: '# notes.md\nBuy milk' },
  });
  const text = await readFile(join(workspace, path), 'utf8');
  const summed = await engine.run({ action: 'edit', path, summary_only: true, user_input: '' });
  expect(summed).toMatchObject({ status: 'success', output: { summary: '# notes.md\nBuy milk' } });
  expect(await readFile(join(workspace, path), 'utf8')).toBe(text);
});

it.each([
  ['write something in report.txt', CREATED, 'documents/report.txt'],
  ['something about tea', CREATED, 'documents/something-about-tea.md'],
  [{ input: 'a letter', attached_files: ['/a'] }, CREATED, 'documents/a-letter.md'],
  [{ action: 'unknown', title: 'Else' }, CREATED, 'documents/else.md'],
  ['edit notes.md: buy milk', EDITED, 'documents/notes.md'],
])('makes an action of %j', async (input, sequence, path) => {
  await using editor = await openEditor();
  const result = await editor.engine.run(input);
  expect(result).toMatchObject({ status: 'success', node_sequence: sequence });
  expect((result.output as JsonObject)['path']).toBe(join(editor.workspace, path));
});

it('edits where the words say so', async () => {
  await using editor = await openEditor();
  await editor.engine.run('first in list.txt');
  const result = await editor.engine.run('please update list.txt with more');
  expect(result).toMatchObject({ status: 'success', node_sequence: EDITED });
  expect(await readdir(join(editor.workspace, 'documents'))).toEqual(['list.txt']);
});

it('runs each task under an id of its own, and the same input to the same end', async () => {
  await using editor = await openEditor();
  const results = await editor.engine.runMultiple([create('One'), create('One'), create('Two')]);
  expect(new Set(results.map(({ task_id }) => task_id)).size).toBe(3);
  const summaries = results.map(({ output }) => (output as JsonObject)['summary']);
  expect(summaries).toEqual(['# One', '# One', '# Two']);
});

it('writes nowhere but in its workspace', async () => {
  await using editor = await openEditor();
  const result = await editor.engine.run({ action: 'edit', path: '../outside.md', user_input: 'x' });
  expect(result).toMatchObject({ status: 'failure', error: { code: 'security' } });
});

it.each([
  ['Hello World', 'documents/hello-world.md'],
  ['  ../../etc/passwd  ', 'documents/etc-passwd.md'],
  ['???', 'documents/document.md'],
  ['notes.txt', 'documents/notes.txt'],
  ['a.b.c', 'documents/a.b.c'],
  ['Ünïcode_1', 'documents/n-code_1.md'],
])('names the document of %j %s', (title, path) => {
  expect(documentPath(title)).toBe(path);
});

it('is talked to with /create, /edit and /summary', async () => {
  await using editor = await openEditor();
  const [input, output] = [new PassThrough(), new PassThrough()];
  await using terminal = createStreamTerminal({ input, output, isInteractive: false });
  input.end(
    [
      '/create Tea Time',
      '/e documents/tea-time.md',
      'Pour milk first',
      '/s documents/tea-time.md',
      '/create',
      '/quit',
    ]
      .map((line) => `${line}\n`)
      .join(''),
  );
  await (await editor.engine.createRepl({ terminal })).run();
  const said = String(output.read());
  expect(said.match(/✓ success/g)).toHaveLength(3);
  expect(said).toContain("Command 'create' error: name a title");
  expect(await readFile(join(editor.workspace, 'documents', 'tea-time.md'), 'utf8')).toContain(
    'Pour milk first',
  );
});
