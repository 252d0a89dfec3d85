import { mkdir, readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEngineProject } from './engine-project.ts';

const MOCK = ['--mock', 'mock.json'];
const ANSWERS = { answers: { answer: { text: 'It works.' } } };

describe('init', () => {
  it('writes all of its files or none', async () => {
    await using project = await createEngineProject();
    const before = await readFile(join(project.root, 'README.md'), 'utf8');
    await project.write('README.md', 'mine');
    const { code, stdout, stderr } = await project.engine(['init', '.']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('.env.template, README.md, config/agents.yaml and 8 more [CLI_FILES_EXIST]');
    expect(await readFile(join(project.root, 'README.md'), 'utf8')).toBe('mine');
    const second = await project.engine(['init', 'other']);
    expect([second.code, second.stdout]).toEqual([
      0,
      expect.stringContaining('engine validate other/config'),
    ]);
    expect(await readFile(join(project.root, 'other', 'README.md'), 'utf8')).toBe(before);
  });
});

describe('validate', () => {
  it('lists every problem with file and place, and exits with 2', async () => {
    await using project = await createEngineProject();
    const nodes = [{ id: 'start', kind: 'deterministic', role: 'router' }];
    await project.write('config/workflow.yaml', { nodes, edges: [] });
    await project.write('config/agents.yaml', 'agents: [');
    const { code, stdout } = await project.engine(['validate', 'config']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^\d problems$/m);
    expect(stdout).toMatch(/^ {2}workflow\.yaml +nodes\[0\] +\S/m);
    expect(stdout).toMatch(/^ {2}agents\.yaml +Invalid YAML/m);
    const json = JSON.parse((await project.engine(['validate', 'config', '--json'])).stdout);
    expect(json).toMatchObject({ valid: false });
    expect(json.problems).toHaveLength(Number(stdout.split(' ', 1)[0]));
  });

  it('names the node of a DAG that is none', async () => {
    await using project = await createEngineProject();
    const workflow = await readFile(join(project.root, 'config', 'workflow.yaml'), 'utf8');
    await project.write('config/workflow.yaml', `${workflow}  - { from: finish, to: answer }\n`);
    const { code, stdout } = await project.engine(['validate', 'config']);
    expect([code, stdout]).toEqual([2, expect.stringMatching(/^ {2}workflow\.yaml +nodes\.\w+ +\S/m)]);
  });

  it('shows what is odd without being wrong', async () => {
    await using project = await createEngineProject();
    const workflow = await readFile(join(project.root, 'config', 'workflow.yaml'), 'utf8');
    await project.write(
      'config/workflow.yaml',
      workflow.replace('agent_id:', 'schema_outt: x\n    agent_id:'),
    );
    const { code, stdout } = await project.engine(['validate', 'config']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^warning: .*schema_outt.*\nvalid: 3 nodes$/m)]);
  });

  it('says what is wrong with the profiles of the conversation like anything else', async () => {
    await using project = await createEngineProject();
    await project.write('config/cli_profiles.yaml', 'profiles: [{ label: x }]');
    const problem = { file: 'cli_profiles.yaml', path: 'profiles[0]', message: '"id" is missing' };
    const alone = await project.engine(['validate', 'config', '--json']);
    expect(alone.code).toBe(2);
    expect(JSON.parse(alone.stdout)).toMatchObject({ valid: false, problems: [problem] });
    await project.write('config/policy.yaml', 'policies: 3');
    const both = await project.engine(['validate', 'config', '--json']);
    expect(JSON.parse(both.stdout).problems).toContainEqual(problem);
  });

  it('says where the manifests are when they are not here', async () => {
    await using project = await createEngineProject();
    const { code, stderr } = await project.engine(['validate', '.']);
    expect(code).toBe(2);
    expect(stderr).toContain(`${join(project.root, 'config')} does [CLI_NO_WORKFLOW]`);
  });
});

describe('run', () => {
  it('prints with --events every event, in order, and nothing else', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    const { stdout } = await project.engine(['run', 'config', '--input', '1', '--events', ...MOCK]);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ name }) => name)).toContain('task_completed');
  });

  it('takes its input from a file or from standard input', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    await project.write('request.json', { title: 'Hello' });
    const run = async (input: string, typed = '') =>
      JSON.parse(
        (await project.engine(['run', 'config', '--input', input, '--json', ...MOCK], { typed })).stdout,
      );
    expect((await run('@request.json')).history[0].output).toEqual({ title: 'Hello' });
    expect((await run('-', '{"title": "typed"}')).history[0].output).toEqual({ title: 'typed' });
  });

  it.each([
    [['--input', 'Hello'], 'CLI_INPUT_INVALID', `'"Hello"'`],
    [['--input', '@nowhere.json'], 'CLI_FILE_UNREADABLE', 'ENOENT'],
    [['--input', '1', '--start', 'answer'], 'START_NODE_INVALID', 'role linear'],
    [['--input', '1', '--mock', 'nowhere.json'], 'CLI_ANSWERS_INVALID', 'ENOENT'],
  ])('%s is a usage error', async (argv, code, text) => {
    await using project = await createEngineProject();
    const result = await project.engine(['run', 'config', ...argv]);
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toContain(`[${code}]`);
    expect(result.stderr).toContain(text);
  });

  it('shows tools that failed, in a run that did not', async () => {
    await using project = await createEngineProject();
    const step = { tool_id: 'read_file', inputs: { path: 'nowhere' }, reason: 'to know', kind: 'read' };
    const answer = { main_result: { text: 'Read it.' }, tool_plan: { steps: [step] } };
    await project.write('mock.json', { answers: { answer } });
    const { code, stdout } = await project.engine(['run', 'config', '--input', '1', ...MOCK]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^tool +read_file in answer: \S/m)]);
  });
});

describe('eval', () => {
  const suite = (name: string, expected: unknown, more: object = {}) => ({
    name,
    cases: [{ id: `${name}-case`, input: 1, assertions: [{ type: 'equals', expected }], ...more }],
  });

  it('shows every case and why it failed; 1 when one did', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    const suites = [
      suite('good', { text: 'It works.' }, { tags: ['quick'] }),
      suite('bad', 'something else'),
    ];
    await project.write('config/evaluations.yaml', { suites });
    const all = await project.engine(['eval', 'config', ...MOCK]);
    expect(all.code).toBe(1);
    expect(all.stdout).toMatch(/^ {2}passed +good-case/m);
    expect(all.stdout).toMatch(/^ {2}FAILED +bad-case.*\n +equals: \S/m);
    expect(all.stdout).toContain('2 cases: 1 passed, 1 failed');
    const quick = await project.engine(['eval', 'config', '--tag', 'quick', '--json', ...MOCK]);
    expect(quick.code).toBe(0);
    expect(JSON.parse(quick.stdout).totals).toMatchObject({ total: 1, passed: 1 });
  });

  it('says why the run behind a case failed', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', { answers: {} });
    const { stdout } = await project.engine(['eval', 'config', ...MOCK]);
    expect(stdout).toMatch(/^ +node answer: .*mock\.json has no answer for node "answer"$/m);
  });

  it('passes nothing when there is nothing to check', async () => {
    await using project = await createEngineProject();
    const { code, stderr } = await project.engine(['eval', 'config', '--tag', 'smok']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('no case with the tag smok')]);
  });
});

describe('inspect', () => {
  it('shows tasks of earlier runs, also when the manifests no longer load', async () => {
    await using project = await createEngineProject();
    expect((await project.engine(['inspect', 'config'])).stdout).toBe('no task was run yet\n');
    await project.write('mock.json', { answers: {} });
    await project.engine(['run', 'config', '--input', '{"a":1}', ...MOCK]);
    await project.write('config/agents.yaml', 'agents: [');
    const list = await project.engine(['inspect', 'config']);
    expect(list.stdout).toMatch(/^failed .*start → answer$/m);
    const [taskId = ''] = /task-\S+/.exec(list.stdout) ?? [];
    const { code, stdout } = await project.engine(['inspect', 'config', taskId]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^input +\{"a":1\}$/m);
    expect(stdout).toMatch(/^ +2 +answer \(linear\) +failed.*\n +.*has no answer for node "answer"/m);
    const json = JSON.parse((await project.engine(['inspect', 'config', taskId, '--json'])).stdout);
    expect(json).toMatchObject({ summary: { stage_count: 2 }, lineage: { task_id: taskId, children: [] } });
  });

  it('asks no model, so that no file of answers has to be there', async () => {
    await using project = await createEngineProject();
    const env = { AGENT_ENGINE_USE_MOCK_LLM: '1', AGENT_ENGINE_MOCK_FILE: 'nowhere.json' };
    expect((await project.engine(['inspect', 'config'], { env })).stdout).toBe('no task was run yet\n');
    expect((await project.engine(['validate', 'config'], { env })).stdout).toBe('valid: 3 nodes\n');
  });

  it('shows what was made from a task', async () => {
    await using project = await createEngineProject();
    const det = (id: string, role: string) => ({ id, kind: 'deterministic', role, context: 'none' });
    const nodes = [
      { ...det('start', 'start'), default_start: true },
      det('both', 'branch'),
      det('left', 'linear'),
      det('right', 'linear'),
      det('merge', 'merge'),
      det('finish', 'exit'),
    ];
    const pairs = ['start both', 'both left', 'both right', 'left merge', 'right merge', 'merge finish'];
    const edges = pairs.map((pair) => ({ from: pair.split(' ')[0], to: pair.split(' ')[1] }));
    await project.write('config/workflow.yaml', { nodes, edges });
    const { task_id: id } = JSON.parse(
      (await project.engine(['run', 'config', '--input', '1', '--json'])).stdout,
    );
    const { stdout } = await project.engine(['inspect', 'config', id]);
    expect(stdout).toContain(`lineage  ${id}  root, completed\n`);
    expect(stdout).toContain(
      `           ${id}-clone-0  clone, completed\n           ${id}-clone-1  clone, completed\n`,
    );
    expect((await project.engine(['inspect', 'config'])).stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  it('knows no other task, and no damaged one', async () => {
    await using project = await createEngineProject();
    const other = await project.engine(['inspect', 'config', 'task-x']);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('[CLI_TASK_NOT_FOUND]')]);
    await mkdir(join(project.root, 'config/.agent_engine/tasks/default'), { recursive: true });
    await project.write('config/.agent_engine/tasks/default/task-x.json', '{');
    expect((await project.engine(['inspect', 'config'])).stdout).toMatch(/^unreadable +task-x: /);
  });
});

describe('queue', () => {
  it('runs every input, from the command line and from files, more of them than the queue holds', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    await project.write('config/scheduler.yaml', { scheduler: { max_concurrency: 2, max_queue_size: 2 } });
    await project.write('list.json', [1, 2, 3]);
    await project.write('lines.jsonl', '{"line": 1}\n\n"line 2"\n');
    const inputs = ['"inline"', '@list.json', '@lines.jsonl'].flatMap((input) => ['--input', input]);
    const { code, stdout } = await project.engine(['queue', 'config', ...inputs, '--json', ...MOCK]);
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(results.map(({ history }) => history[0].output)).toEqual([
      'inline',
      1,
      2,
      3,
      { line: 1 },
      'line 2',
    ]);
  });

  it('shows the input of every result, of however many', async () => {
    await using project = await createEngineProject();
    const node = (id: string, role: string, more: object = {}) => ({
      ...{ id, kind: 'deterministic', role, context: 'none' },
      ...more,
    });
    const nodes = [node('start', 'start', { default_start: true }), node('exit', 'exit')];
    await project.write('config/workflow.yaml', { nodes, edges: [{ from: 'start', to: 'exit' }] });
    await project.write('config/scheduler.yaml', { scheduler: { max_concurrency: 8 } });
    const inputs = Array.from({ length: 1100 }, (_, index) => index);
    await project.write('list.json', inputs);
    const { stdout } = await project.engine(['queue', 'config', '--input', '@list.json']);
    const shown = [...stdout.matchAll(/^input +(\d+)$/gm)].map(([, input]) => Number(input));
    expect(shown).toEqual(inputs);
  });

  it('takes inputs from standard input, one a line, and goes on after one that fails', async () => {
    await using project = await createEngineProject();
    const { code, stdout } = await project.engine(['queue', 'config', '--input', '-'], {
      typed: '"one"\n"two"',
    });
    expect(code).toBe(1);
    expect(stdout.match(/^failure /gm)).toHaveLength(2);
    expect(stdout).toMatch(/^input +"two"\nfailed +no model client serves/m);
  });

  it('tells of a typed line that is none, and runs the others', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    const argv = ['queue', 'config', '--input', '-', ...MOCK];
    const typed = '"one"\ntwo\n\n"three"\n';
    const forPeople = await project.engine(argv, { typed });
    expect(forPeople.code).toBe(1);
    expect(forPeople.stdout).toMatch(
      /^failure\ninput +line 2\nfailed +line 2 is not JSON \[input_not_json\]/m,
    );
    expect(forPeople.stdout.match(/^success /gm)).toHaveLength(2);
    const { code, stdout } = await project.engine([...argv, '--json'], { typed });
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(results.map(({ status }) => status).sort()).toEqual(['failure', 'success', 'success']);
    expect(results.find(({ status }) => status === 'failure')).toMatchObject({
      task_id: null,
      history: [],
      error: { error_id: 'input_not_json', details: { line: 2 } },
    });
  });

  it('names the line of a file that is none before anything runs', async () => {
    await using project = await createEngineProject();
    await project.write('lines.jsonl', '"one"\ntwo\n');
    const { code, stdout, stderr } = await project.engine(['queue', 'config', '--input', '@lines.jsonl']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('lines.jsonl:2 is not JSON');
  });
});

describe('repl', () => {
  it('is plain when piped', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    const typed = 'hello\n/history\nagain\n/quit\nnever';
    const { code, stdout } = await project.engine(['repl', 'config', ...MOCK], { typed });
    expect(code).toBe(0);
    expect(stdout.match(/It works\./g)).toHaveLength(3);
    expect(stdout).toContain('USER hello');
    expect(stdout).toContain('2 answers came from mock.json, not from a model');
    // Without cursor movement, prompts and what was typed.
    expect(stdout).not.toMatch(/\u001b|\[default\]|never/);
  });

  it('shows the newest session, or all of them', async () => {
    await using project = await createEngineProject();
    await project.write('mock.json', ANSWERS);
    for (const typed of ['first', 'second']) await project.engine(['repl', 'config', ...MOCK], { typed });
    const newest = await project.engine(['repl', 'config'], { typed: '/history' });
    expect(newest.stdout).not.toContain('USER first');
    expect(newest.stdout).toContain('USER second');
    const all = await project.engine(['repl', 'config', '--all-sessions'], { typed: '/history' });
    expect(all.stdout).toContain('USER first');
  });

  it('refuses a profile there is not', async () => {
    await using project = await createEngineProject();
    const { code, stderr } = await project.engine(['repl', 'config', '--profile', 'other']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no profile other')]);
  });
});

describe('healthcheck', () => {
  it('reports in JSON, and lets who asks decide about what is degraded', async () => {
    await using project = await createEngineProject();
    const healthy = await project.engine(['healthcheck', 'config']);
    expect([healthy.code, JSON.parse(healthy.stdout)]).toMatchObject([0, { status: 'healthy' }]);
    const longAgo = new Date('2020-01-01');
    await utimes(join(project.root, 'config', 'workflow.yaml'), longAgo, longAgo);
    const degraded = await project.engine(['healthcheck', 'config']);
    expect([degraded.code, JSON.parse(degraded.stdout)]).toMatchObject([0, { status: 'degraded' }]);
    expect((await project.engine(['healthcheck', 'config', '--strict'])).code).toBe(2);
    expect((await project.engine(['healthcheck', 'nowhere'])).code).toBe(1);
  });

  it('finds credentials where a run finds them', async () => {
    await using project = await createEngineProject();
    const auth = { type: 'api_key', source: 'env', env_var: 'HOUSE_KEY' };
    await project.write('config/provider_credentials.yaml', {
      provider_credentials: [{ id: 'house', provider: 'house', auth }],
    });
    const check = async () => JSON.parse((await project.engine(['healthcheck', 'config'])).stdout).status;
    expect(await check()).toBe('degraded');
    await project.write('.env', 'HOUSE_KEY=k-123');
    expect(await check()).toBe('healthy');
    const lost = await project.engine(['healthcheck', 'no/where']);
    expect([lost.code, JSON.parse(lost.stdout).status]).toEqual([1, 'unhealthy']);
  });

  it('looks at the folders it is told of', async () => {
    await using project = await createEngineProject();
    const argv = ['healthcheck', 'config', '--directory', 'config', '--directory', 'missing'];
    const { directories } = JSON.parse((await project.engine(argv)).stdout).checks;
    expect(directories).toEqual({ status: 'degraded', message: `${join(project.root, 'missing')}: ENOENT` });
  });
});
