import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStreamTerminal, type Engine } from '@agentswarm/dag-engine/engine';
import { openMiniEditor } from './open-mini-editor.ts';

describe('the mini-editor', () => {
  let workspace: string;
  let engine: Engine;
  const document = (name: string) => readFile(join(workspace, 'documents', name), 'utf8');

  beforeAll(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'mini-editor-'));
    engine = await openMiniEditor(workspace, { stateRoot: join(workspace, 'state') });
  });

  afterAll(async () => {
    await engine.close();
    await rm(workspace, { recursive: true });
  });

  it('creates a document and sums it up once', async () => {
    const result = await engine.run({ action: 'create', title: 'Hello World', user_input: 'Greets.' });
    expect(result.status).toBe('success');
    expect(result.node_sequence).toEqual([
      'start',
      'normalize_request',
      'decide_operation',
      'draft_document',
      'generate_summary',
      'exit',
    ]);
    expect(result.output).toMatchObject({
      action: 'create',
      title: 'Hello World',
      path: join(workspace, 'documents', 'hello-world.md'),
      summary: '# Hello World\nGreets.',
      sections: ['Hello World'],
    });
    expect(await document('hello-world.md')).toBe('# Hello World\n\nGreets.\n');
    expect(engine.getEventsByType('routing_merge')).toHaveLength(1);
  });

  it('edits a document, and reads one without changing it', async () => {
    const path = 'documents/hello-world.md';
    const edited = await engine.run({ action: 'edit', path, user_input: 'Says good-bye.' });
    expect([edited.status, edited.node_sequence[3]]).toEqual(['success', 'edit_document']);
    expect(await document('hello-world.md')).toContain('Says good-bye.');
    const summed = await engine.run({ action: 'edit', path, summary_only: true, user_input: '' });
    expect(summed.output).toMatchObject({ summary: '# hello-world.md\nSays good-bye.' });
  });

  it.each([
    ['write a note', 'create'],
    ['please update list.md: milk', 'edit'],
    [{ input: 'modify it' }, 'edit'],
    [{ action: 'unknown', title: 'x' }, 'create'],
  ])('takes %j for %s', async (request, decision) => {
    const { history } = await engine.run(request);
    expect(history[2]?.output).toMatchObject({ route: decision });
  });

  it('fails when a path leads out of the workspace', async () => {
    const { status, error } = await engine.run({ action: 'edit', path: '../outside.md', user_input: 'x' });
    expect([status, error?.error_id]).toEqual(['failure', 'tool_path_escape']);
  });

  it('talks: commands of its own, their aliases, and what they lack', async () => {
    const output = new PassThrough();
    const lines = ['/create Shopping List', '/s documents/shopping-list.md', '/edit', '/quit'];
    await using terminal = createStreamTerminal({
      input: Readable.from(lines.map((line) => `${line}\n`)),
      output,
      isInteractive: false,
    });
    const repl = await engine.createRepl({ terminal });
    await repl.run();
    output.end();
    const said = await text(output);
    expect(said).toContain('decide_operation → draft_document → generate_summary → exit');
    expect(said).toContain('decide_operation → edit_document → generate_summary → exit');
    expect(said).toContain("Command 'edit' error: name a path");
    expect(await document('shopping-list.md')).toContain('# Shopping List');
  });
});
