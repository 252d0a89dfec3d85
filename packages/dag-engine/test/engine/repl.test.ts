import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { silentLogger } from '@agentswarm/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactRecord } from '../../src/engine/model/artifact.ts';
import type { EngineEvent } from '../../src/engine/model/engine-event.ts';
import type { JsonValue } from '../../src/engine/model/json.ts';
import type { CliProfile } from '../../src/engine/model/manifest-set.ts';
import type { RunResult } from '../../src/engine/model/run-result.ts';
import type { ReplParts } from '../../src/engine/repl/repl-parts.ts';
import type { LineRead, ReplTerminal } from '../../src/engine/repl/repl-terminal.ts';
import { createRepl } from '../../src/engine/repl/repl.ts';
import { createStreamTerminal } from '../../src/engine/repl/stream-terminal.ts';

let root: string;
let workspace: string;
let sessions = 0;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'repl-'));
  workspace = join(root, 'workspace');
  mkdirSync(workspace);
});
afterEach(() => rmSync(root, { recursive: true }));

function profile(id: string, more: Partial<CliProfile> = {}): CliProfile {
  return {
    id,
    label: '',
    description: '',
    default_config_dir: null,
    default_workflow_id: null,
    session_policies: {
      persist_history: true,
      persist_attachments: true,
      history_file: null,
      max_history_items: 1000,
    },
    input_mapping: {
      mode: 'chat',
      attach_files_as_context: false,
      include_profile_id: false,
      include_session_id: false,
      include_contents: false,
    },
    custom_commands: [],
    presentation_rules: {
      show_system_messages: false,
      show_telemetry_inline: true,
      truncate_output_lines: null,
    },
    telemetry_overlays: { enabled: true, level: 'summary', filters: [] },
    ...more,
  };
}

/** An engine at the REPL's port: its output is its input, and its artifacts are those the test gives it. */
class EchoEngine {
  readonly inputs: JsonValue[] = [];
  readonly events: EngineEvent[] = [];
  artifacts: readonly ArtifactRecord[] = [];
  readonly queue: { task_id: string; state: string; input: JsonValue; start: string | undefined }[] = [];

  async run(input: JsonValue): Promise<RunResult> {
    this.inputs.push(input);
    const task_id = `task-${this.inputs.length}`;
    for (const [index, name] of (['task_started', 'node_started', 'task_completed'] as const).entries()) {
      this.events.push({
        event_id: `${name}-${task_id}`,
        seq: index + 1,
        name,
        type: name === 'node_started' ? 'node' : 'task',
        task_id,
        stage_id: null,
        timestamp: '',
        payload: {},
        metadata: {},
      });
    }
    return {
      task_id,
      status: input === 'fail' ? 'failure' : 'success',
      output: input,
      error: null,
      start_node: 'start',
      current_node: 'exit',
      history: [],
      node_sequence: ['start', 'exit'],
      trace: [],
      execution_time_ms: 5,
      manifest_digest: '',
    };
  }
  getEvents = () => this.events;
  artifactsOfTask = (id: string) => this.artifacts.filter(({ metadata }) => metadata.task_id === id);
  enqueue = (input: JsonValue, start?: string) => {
    const task_id = `queued-task-${this.queue.length + 1}`;
    this.queue.push({ task_id, state: 'queued', input, start });
    return task_id;
  };
  runQueued = async (_options?: { readonly signal?: AbortSignal }) =>
    this.queue
      .filter(({ state }) => state === 'queued')
      .map((task) => ({ ...task, state: (task.state = 'completed'), status: 'success' }));
  queuedTasks = () => this.queue;
}

interface Told {
  readonly engine?: EchoEngine;
  readonly workspaceRoot?: string;
  readonly profiles?: readonly CliProfile[];
  readonly loadCommand?: ReplParts['loadCommand'];
}

function openRepl(terminal: ReplTerminal, told: Told) {
  const { engine = new EchoEngine(), profiles = [profile('default')] } = told;
  let second = 0;
  return createRepl({
    engine,
    terminal,
    profiles,
    workspaceRoot: told.workspaceRoot ?? workspace,
    historyFileOf: ({ id }) => join(root, 'sessions', `${id}.jsonl`),
    loadCommand: told.loadCommand ?? (() => Promise.reject(new RangeError('no such module'))),
    clock: { nowMs: () => 1000 * (second += 1) },
    ids: { hex: () => String((sessions += 1)), uuid: () => '' },
    logger: silentLogger,
  });
}

/** Plays lines to a REPL; gives what it printed, line by line. */
async function play(lines: readonly string[], told: Told = {}): Promise<string[]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  await using terminal = createStreamTerminal({ input, output, isInteractive: false });
  const repl = await openRepl(terminal, told);
  input.end(lines.join('\n'));
  await repl.run();
  return String(output.read() ?? '')
    .split('\n')
    .slice(0, -1);
}

/** A person who gives these answers one after the other, `^C` for one, and can interrupt what runs. */
function person(...answers: readonly string[]) {
  const printed: string[] = [];
  const listeners = new Set<() => void>();
  const reads = answers.map((text): LineRead =>
    text === '^C' ? { kind: 'interrupted' } : { kind: 'line', text },
  );
  const terminal: ReplTerminal = {
    isInteractive: true,
    readLine: async () => reads.shift() ?? { kind: 'end' },
    print: (line) => void printed.push(line),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  const interrupt = () => listeners.forEach((listener) => listener());
  return { terminal, printed, interrupt };
}

const stored = (id = 'default') =>
  readFileSync(join(root, 'sessions', `${id}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

function artifact(task_id: string, payload: JsonValue): ArtifactRecord {
  const metadata = {
    artifact_id: 'a',
    task_id,
    node_id: 'n',
    artifact_type: 'tool_result',
    timestamp: '',
    schema_ref: null,
    additional_metadata: {},
  } as const;
  return { metadata, payload };
}

describe('an interruption', () => {
  it('ends the command that asks for a line, and runs nothing', async () => {
    const { terminal, printed } = person('one', '/edit-last', 'half a', '^C', 'two');
    const engine = new EchoEngine();
    await (await openRepl(terminal, { engine })).run();
    expect(engine.inputs).toEqual(['one', 'two']);
    expect(printed).toContain('Interrupted');
  });

  it('ends what /run-queue runs', async () => {
    const { terminal, printed, interrupt } = person('/run-queue');
    const engine = new EchoEngine();
    engine.runQueued = async ({ signal } = {}) => {
      interrupt();
      return signal?.aborted === true ? [] : Promise.reject(new RangeError('not interrupted'));
    };
    await (await openRepl(terminal, { engine })).run();
    expect(printed).toContain('Ran 0 task(s)');
  });
});

describe('a line', () => {
  it('is run, shown with its nodes, and stored once with what came of it', async () => {
    const printed = await play(['hello', '', 'fail']);
    expect(printed).toEqual([
      '  · task_started [task-1]',
      '  · task_completed [task-1]',
      '✓ success  task-1  5 ms',
      'Nodes: start → exit',
      'hello',
      '  · task_started [task-2]',
      '  · task_completed [task-2]',
      '✗ failure  task-2  5 ms',
      'Nodes: start → exit',
      'fail',
    ]);
    expect(
      stored().map(({ role, input, engine_run_metadata }) => [role, input, engine_run_metadata?.status]),
    ).toEqual([
      ['user', 'hello', undefined],
      ['system', 'hello', 'success'],
      ['user', 'fail', undefined],
      ['system', 'fail', 'failure'],
    ]);
  });

  it('cannot move the cursor by what comes of it', async () => {
    expect(await play(['a\u001b[2Jb\u202ec\td'])).toContain('a [2Jbc\td');
  });

  it('becomes an object when the profile adds to it', async () => {
    writeFileSync(join(workspace, 'b.txt'), 'B');
    const engine = new EchoEngine();
    const input_mapping = {
      mode: 'raw',
      attach_files_as_context: true,
      include_profile_id: true,
      include_session_id: false,
      include_contents: true,
    } as const;
    await play(['/attach b.txt', '{"a": [1]}'], { engine, profiles: [profile('p', { input_mapping })] });
    const path = join(workspace, 'b.txt');
    expect(engine.inputs).toEqual([
      {
        input: { a: [1] },
        profile_id: 'p',
        attached_files: [path],
        attached_contents: [{ path, content: 'B' }],
      },
    ]);
  });
});

describe('commands', () => {
  it('lists every command, explains one, and names one that does not exist', async () => {
    const printed = await play(['/help', '/help quit', '/help nothing', '/nothing']);
    const listed = printed.filter((line) => /^\/\S+ {2}/.test(line)).map((line) => line.split(' ')[0]);
    expect(listed).toEqual([
      '/apply_patch',
      '/attach',
      '/diff',
      '/edit-last',
      '/help',
      '/history',
      '/mode',
      '/open',
      '/queue',
      '/queue-status',
      '/quit',
      '/retry',
      '/run-queue',
    ]);
    expect(printed.slice(-4)).toEqual([
      'Ends the session',
      'Also: /exit',
      "Error: Command 'help' error: Command 'nothing' not found (args: nothing)",
      "Error: Command 'nothing' error: there is no such command; /help lists them",
    ]);
  });

  it('/quit ends before the lines behind it', async () => {
    const engine = new EchoEngine();
    await play(['/exit', 'never'], { engine });
    expect(engine.inputs).toEqual([]);
  });

  it('/retry runs the last input again, not the text of a command', async () => {
    const engine = new EchoEngine();
    const printed = await play(['/retry', 'first', '/history', '/retry'], { engine });
    expect(printed[0]).toContain('nothing has been run yet');
    expect(engine.inputs).toEqual(['first', 'first']);
  });

  it('/edit-last runs what was typed instead, and says when nothing changed', async () => {
    const engine = new EchoEngine();
    const printed = await play(['one', '/edit-last', 'two', '', '/edit-last', ''], { engine });
    expect(engine.inputs).toEqual(['one', 'two']);
    expect(printed).toContain('1: one');
    expect(printed.at(-1)).toBe('No changes made');
  });

  it('/attach takes files of the workspace only, and says why not', async () => {
    writeFileSync(join(workspace, 'with space.txt'), '');
    writeFileSync(join(root, 'secret'), '');
    symlinkSync(join(root, 'secret'), join(workspace, 'link'));
    const printed = await play(['/attach "with space.txt" ../secret link missing', '/attach']);
    expect(printed).toEqual([
      'Warning: ../secret is outside the workspace',
      'Warning: link is outside the workspace',
      'Warning: there is no file missing',
      'Attached 1 file(s)',
      `  ${join(workspace, 'with space.txt')}`,
      "Error: Command 'attach' error: name at least one file",
    ]);
  });

  it('/attach does not keep a file that is gone', async () => {
    const file = join(workspace, 'short-lived');
    writeFileSync(file, 'text');
    const engine = new EchoEngine();
    const run = engine.run.bind(engine);
    engine.run = async (input) => {
      rmSync(file, { force: true });
      return await run(input);
    };
    const { input_mapping } = profile('');
    const profiles = [profile('p', { input_mapping: { ...input_mapping, include_contents: true } })];
    const printed = await play(['/attach short-lived', 'one', 'two'], { engine, profiles });
    expect(printed).toContain(`Warning: ${file} cannot be read (ENOENT) and is no longer attached`);
    expect(engine.inputs).toEqual([
      { input: 'one', attached_contents: [{ path: file, content: 'text' }] },
      { input: 'two', attached_contents: [] },
    ]);
  });

  it('/mode to a profile whose history cannot be read changes nothing', async () => {
    mkdirSync(join(root, 'sessions'));
    writeFileSync(join(root, 'sessions', 'other.jsonl'), 'no entry\n');
    const printed = await play(['/mode other', '/mode'], { profiles: [profile('one'), profile('other')] });
    expect(printed[0]).toContain('line 1 of');
    expect(printed[1]).toBe('one');
  });

  it('/open shows a page at a time', async () => {
    const text = Array.from({ length: 45 }, (_, index) => `line ${index + 1}`).join('\n');
    writeFileSync(join(workspace, 'long'), `${text}\n`);
    const printed = await play(['/open long', '', 'q', '/open ../x', '/open none']);
    expect(printed).toHaveLength(42);
    expect(printed[0]).toBe(' 1  line 1');
    expect(printed[39]).toBe('40  line 40');
    expect(printed.slice(40)).toEqual([
      "Error: Command 'open' error: ../x is outside the workspace (args: ../x)",
      "Error: Command 'open' error: there is no file none (args: none)",
    ]);
  });

  it('/diff and /apply_patch bring a file to what the session made of it, after asking', async () => {
    const file = join(workspace, 'doc.md');
    writeFileSync(file, 'a\nb\n');
    const engine = new EchoEngine();
    engine.artifacts = [
      artifact('task-1', {
        tool_name: 'write',
        arguments: { path: 'doc.md' },
        result: { content: 'a\nc\n' },
      }),
      artifact('task-9', { tool_name: 'write', arguments: { path: 'doc.md' }, result: { content: 'other' } }),
    ];
    const no = await play(['go', '/diff doc.md', '/apply_patch doc.md', 'n'], { engine });
    expect(no).toEqual(
      expect.arrayContaining(['--- doc.md', '+++ doc.md (artifact)', '-b', '+c', 'Nothing was changed']),
    );
    expect(readFileSync(file, 'utf8')).toBe('a\nb\n');
    const later = await play(['/diff doc.md'], { engine });
    expect(later).toEqual(['Nothing in this session made doc.md']);
  });

  it('/apply_patch applies a patch hunk by hunk and refuses one that does not fit', async () => {
    const file = join(workspace, 'doc.md');
    const before = Array.from({ length: 30 }, (_, index) => `${index}\n`).join('');
    writeFileSync(file, before);
    const patch = ['--- a', '+++ b', '@@ -2,3 +2,3 @@', ' 1', '-2', '+two', ' 3', ''].join('\n');
    const engine = new EchoEngine();
    engine.artifacts = [artifact('task-1', { arguments: { path: 'doc.md' }, result: { patch } })];
    await play(['go', '/apply_patch doc.md', 'y'], { engine });
    expect(readFileSync(file, 'utf8')).toBe(before.replace('\n2\n', '\ntwo\n'));
    const again = new EchoEngine();
    again.artifacts = engine.artifacts;
    const printed = await play(['go', '/apply_patch doc.md'], { engine: again });
    expect(printed.at(-1)).toContain('does not fit doc.md');
    expect(readFileSync(file, 'utf8')).toBe(before.replace('\n2\n', '\ntwo\n'));
  });

  it('/apply_patch does not write through a link that leads out of the workspace, to nothing yet', async () => {
    const outside = join(root, 'outside.md');
    symlinkSync(outside, join(workspace, 'link.md'));
    const engine = new EchoEngine();
    engine.artifacts = [artifact('task-1', { arguments: { path: 'link.md' }, result: { content: 'out' } })];
    const printed = await play(['go', '/apply_patch link.md', 'y'], { engine });
    expect(printed).toContainEqual(expect.stringContaining('link.md is outside the workspace'));
    expect(existsSync(outside)).toBe(false);
  });

  it('/apply_patch leaves alone what is where its copy would be', async () => {
    writeFileSync(join(workspace, 'doc.md'), 'a\n');
    writeFileSync(join(workspace, 'doc.md.backup'), 'mine');
    const engine = new EchoEngine();
    engine.artifacts = [artifact('task-1', { arguments: { path: 'doc.md' }, result: { content: 'b\n' } })];
    const printed = await play(['go', '/apply_patch doc.md', 'y'], { engine });
    expect(printed.at(-1)).toContain('doc.md.backup exists: move it away; doc.md is as it was');
    const left = ['doc.md', 'doc.md.backup'].map((name) => readFileSync(join(workspace, name), 'utf8'));
    expect(left).toEqual(['a\n', 'mine']);
  });

  it('/diff finds what a tool made of a file in a workspace that is reached by a link', async () => {
    const linked = join(root, 'linked');
    symlinkSync(workspace, linked);
    const engine = new EchoEngine();
    const result = { path: join(linked, 'doc.md'), relative_path: 'doc.md', content: 'made\n' };
    engine.artifacts = [artifact('task-1', { arguments: { path: 'doc.md' }, result })];
    expect(await play(['go', '/diff doc.md'], { engine, workspaceRoot: linked })).toContain('+made');
  });

  it('/diff does not take the file of a tool with a root of its own for one of the same name', async () => {
    const engine = new EchoEngine();
    const result = { path: join(workspace, 'sub', 'doc.md'), relative_path: 'doc.md', content: 'made\n' };
    engine.artifacts = [artifact('task-1', { arguments: { path: 'doc.md' }, result })];
    const printed = await play(['go', '/diff doc.md', '/diff sub/doc.md'], { engine });
    expect(printed).toContain('Nothing in this session made doc.md');
    expect(printed).toContain('+made');
  });

  it('/queue takes JSON with spaces, text, and a start node', async () => {
    const engine = new EchoEngine();
    const printed = await play(
      [
        '/queue {"a": 1, "b": [2, 3]} other',
        '/queue just some text',
        '/queue 42 is the answer',
        '/queue 42 other',
        '/queue-status',
        '/run-queue',
        '/queue-status -v',
      ],
      { engine },
    );
    expect(engine.queue.map(({ input, start }) => [input, start])).toEqual([
      [{ a: 1, b: [2, 3] }, 'other'],
      ['just some text', undefined],
      ['42 is the answer', undefined],
      [42, 'other'],
    ]);
    expect(printed).toContain('4 queued, 0 running, 0 completed, 0 failed');
    expect(printed).toContain('Ran 4 task(s)');
    expect(printed.at(-1)).toBe('  completed queued-task-4');
  });

  it('/mode switches profile, history and custom commands; built-in ones cannot be replaced', async () => {
    const command = (name: string) => ({
      name,
      entrypoint: `x:${name}`,
      description: '',
      aliases: [],
      help: name,
    });
    const profiles = [
      profile('one', { custom_commands: [command('greet'), command('help')] }),
      profile('two', { description: 'second' }),
    ];
    const loadCommand: ReplParts['loadCommand'] = async (entrypoint) => (context, args) =>
      context.print(`${entrypoint} ${args}`);
    const printed = await play(['/greet you', '/mode two', '/greet you', '/mode three'], {
      profiles,
      loadCommand,
    });
    expect(printed).toEqual([
      'Warning: command /help is ignored: /help exists',
      'x:greet you',
      'two — second',
      "Error: Command 'greet' error: there is no such command; /help lists them",
      "Error: Command 'mode' error: there is no profile three (args: three)",
    ]);
  });

  it('a command that cannot be loaded is a warning', async () => {
    const custom_commands = [{ name: 'lost', entrypoint: 'x:y', description: '', aliases: [], help: '' }];
    const printed = await play([], { profiles: [profile('p', { custom_commands })] });
    expect(printed).toEqual(['Warning: command /lost could not be loaded: no such module']);
  });
});

describe('a history', () => {
  it('goes on with the most recent session only, and keeps no more than its limit', async () => {
    const session_policies = { ...profile('x').session_policies, max_history_items: 3 };
    const profiles = [profile('default', { session_policies })];
    await play(['1', '2', '3'], { profiles });
    expect(stored()).toHaveLength(6);
    const printed = await play(['/history'], { profiles });
    expect(printed.map((line) => line.slice(0, 3))).toEqual(['1. ', '2. ', '3. ']);
    expect(stored()).toHaveLength(4);
  });

  it('with a line that is no entry is an error that names it, and is left as it is', async () => {
    await play(['1']);
    const file = join(root, 'sessions', 'default.jsonl');
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"torn`);
    await expect(play(['2'])).rejects.toMatchObject({
      code: 'CLI_FAILED',
      message: `line 3 of ${file} is not a session entry`,
    });
    expect(readFileSync(file, 'utf8')).toContain('{"torn');
  });
});
