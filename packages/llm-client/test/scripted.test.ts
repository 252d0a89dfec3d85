import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createScriptedModelServer, LlmError, probeEndpoint } from '@agentswarm/llm-client';
import { describe, expect, it } from 'vitest';
import { serveScript, writeScript } from './script-dir.ts';

interface Message {
  readonly role: string;
  readonly content?: unknown;
}
const user = (content: unknown): Message => ({ role: 'user', content });
const said = (content: string): Message => ({ role: 'assistant', content });
const result = (content: string): Message => ({ role: 'tool', content });
const TOOLS = ['read', 'bash'].map((name) => ({ type: 'function', function: { name, parameters: {} } }));

async function ask(url: string, messages: readonly Message[], extra: object = {}) {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'scripted-test', messages, ...extra }),
  });
  const body = (await response.json()) as {
    choices?: {
      message: { content: string | null; tool_calls?: { function: object }[] };
      finish_reason: string;
    }[];
    error: { type: string; code: string; message: string };
  };
  return {
    status: response.status,
    text: body.choices?.[0]?.message.content,
    body,
    headers: response.headers,
  };
}

const rule = (name: string, when: object, ...steps: unknown[]) => ({ name, when, steps });

describe('choosing a rule', () => {
  const rules = [
    rule('planner', { system: ['^You plan'], lacks: ['landed: yes'] }, { json: { plan: 1 } }),
    rule('follow-up', { system: ['^You plan'], user: ['landed: yes'] }, { json: { plan: 2 } }),
    rule(
      'worker',
      { user: ['^Task: (?<task>[a-z-]+)$'], lastUser: ['go'] },
      { text: 'doing ${task}, not ${other}' },
    ),
  ];

  it('takes the first rule whose conditions all hold', async () => {
    await using server = await serveScript(rules);
    const system = { role: 'developer', content: 'Hi\nYou plan well' };
    expect((await ask(server.url, [system, user('x')])).text).toBe('{"plan":1}');
    expect((await ask(server.url, [system, user([{ type: 'text', text: 'landed: yes' }])])).text).toBe(
      '{"plan":2}',
    );
    expect(server.requests).toEqual([
      { status: 200, step: 1, rule: 'planner' },
      { status: 200, step: 1, rule: 'follow-up' },
    ]);
  });

  it('puts captured groups into strings and leaves other names alone', async () => {
    await using server = await serveScript(rules);
    const messages = [user('Task: noise\nseeded'), said('ok'), user('go')];
    expect((await ask(server.url, messages)).text).toBe('doing noise, not ${other}');
  });

  it('refuses what no rule answers, naming model, system, task, step and the closest rule', async () => {
    await using server = await serveScript(rules);
    const { status, body } = await ask(server.url, [
      { role: 'system', content: 'S'.repeat(100) },
      user('Task: noise'),
      said('x'),
    ]);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ type: 'invalid_request_error', code: 'unscripted_request' });
    expect(body.error.message).toBe(
      'The script of model scripted-test has no answer to this request: no rule applies; the closest is "worker" ' +
        '(a.rules.json), whose lastUser[0] /go/m does not match. Step 2; system begins ' +
        `"${'S'.repeat(80)}"; last user message begins "Task: noise"`,
    );
  });

  it('names a forbidden match as such', async () => {
    await using server = await serveScript([rule('r', { lacks: ['x'] }, { text: 'a' })]);
    expect((await ask(server.url, [user('x')])).body.error.message).toContain(
      'lacks[0] /x/m matches but must not',
    );
  });

  it('refuses another model', async () => {
    await using server = await serveScript(rules);
    const { status, body } = await ask(server.url, [user('x')], { model: 'gpt-5' });
    expect([status, body.error.code]).toEqual([404, 'model_not_found']);
  });
});

describe('steps', () => {
  const steps = [
    { toolCalls: [{ name: 'bash', arguments: { command: 'npm test' } }] },
    {
      alternatives: [
        { when: { lastToolResult: ['(?<count>\\d+) failed'] }, text: 'fixing ${count}' },
        { when: { anyToolResult: ['warn'], lacksToolResult: ['fatal'] }, text: 'warned' },
        { text: 'all good' },
      ],
    },
  ];

  it('counts answers since the last user message, so a repeated request gets the same answer', async () => {
    await using server = await serveScript([rule('r', {}, ...steps)]);
    const again = [user('a'), said('old'), result('old'), user('b')];
    const first = await ask(server.url, again, { tools: TOOLS });
    expect(first.body.choices?.[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [
          {
            id: 'call_4_0',
            type: 'function',
            function: { name: 'bash', arguments: '{"command":"npm test"}' },
          },
        ],
      },
    });
    expect((await ask(server.url, again, { tools: TOOLS })).body).toEqual(first.body);
  });

  it.each([
    [['2 failed'], 'fixing 2'],
    [['2 failed', 'passed'], 'all good'],
    [['warn', 'passed'], 'warned'],
    [['warn fatal', 'passed'], 'all good'],
    [[], 'all good'],
  ])('answers the tool results %j with %j', async (results, text) => {
    await using server = await serveScript([rule('r', {}, ...steps)]);
    expect((await ask(server.url, [user('a'), said(''), ...results.map(result)])).text).toBe(text);
  });

  it('ends in an error, not in another rule, when the steps are exhausted', async () => {
    await using server = await serveScript([
      rule('r', {}, { text: 'only' }),
      rule('s', {}, { text: '1' }, { text: '2' }),
    ]);
    const { status, body } = await ask(server.url, [user('a'), said('only')]);
    expect(status).toBe(400);
    expect(body.error.message).toContain('rule "r" (a.rules.json) has only 1 step(s)');
  });

  it('says why no alternative applies', async () => {
    const step = { alternatives: [{ when: { lastToolResult: ['ok'] }, text: 'x' }] };
    await using server = await serveScript([rule('r', {}, step)]);
    const { body } = await ask(server.url, [user('a')]);
    expect(body.error.message).toContain(
      'rule "r" (a.rules.json) step 1: no alternative applies: lastToolResult[0] /ok/m',
    );
  });

  it('refuses to call a tool the request does not offer', async () => {
    await using server = await serveScript([rule('r', {}, ...steps)]);
    const { status, body } = await ask(server.url, [user('a')], { tools: TOOLS.slice(0, 1) });
    expect(status).toBe(400);
    expect(body.error.message).toContain('calls tool "bash", but the request offers: read');
  });

  it('plays faults', async () => {
    await using server = await serveScript([rule('r', {}, { fault: { status: 429, retryAfter: 2 } })]);
    const { status, headers, body } = await ask(server.url, [user('a')]);
    expect([status, headers.get('retry-after'), body.error.code]).toEqual([429, '2', 'scripted_fault']);
  });

  it('puts files in, verbatim where nothing was captured', async () => {
    const code = 'const a = `${name}`;\n';
    const call = { name: 'read', arguments: { nested: [{ text: { $file: 'solutions/a.ts' } }] } };
    await using server = await serveScript([rule('r', { user: ['(?<id>.)'] }, { toolCalls: [call] })], {
      'solutions/a.ts': code,
      'solutions/data.json': '{ not json, and not read',
    });
    const { body } = await ask(server.url, [user('a')], { tools: TOOLS });
    expect(body.choices?.[0]?.message.tool_calls?.[0]?.function).toEqual({
      name: 'read',
      arguments: JSON.stringify({ nested: [{ text: code }] }),
    });
  });
});

describe('serving', () => {
  it.each(['', '/', '/v1', '/v1/'])('describes itself to a probe of the URL with %j', async (suffix) => {
    await using server = await serveScript([rule('r', {}, { text: 'x' })]);
    const endpoint = { name: 'demo', baseUrl: server.url + suffix, model: 'scripted-test' };
    expect(await probeEndpoint(endpoint)).toEqual({
      name: 'demo',
      model: 'scripted-test',
      ownedBy: 'scripted',
      models: ['scripted-test'],
    });
    await expect(probeEndpoint({ ...endpoint, model: 'glm-5' })).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: 'endpoint demo does not offer model glm-5; it offers: scripted-test',
    });
  });

  it('accepts what it does not need: formats, choices of tools, fields of other servers', async () => {
    await using server = await serveScript([rule('r', {}, { json: { n: 1 } })]);
    const extra = {
      tools: [...TOOLS, { type: 'web_search' }],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema: {} } },
      chat_template_kwargs: { enable_thinking: false },
      stream: false,
      stream_options: null,
    };
    expect((await ask(server.url, [user('a')], extra)).text).toBe('{"n":1}');
  });

  it('answers other paths, malformed and oversized bodies with clear errors', async () => {
    await using server = await serveScript([rule('r', {}, { text: 'x' })]);
    const post = (body: string) => fetch(`${server.url}/chat/completions`, { method: 'POST', body });
    expect((await fetch(`${server.url}/v1/embeddings`)).status).toBe(404);
    expect((await post('{')).status).toBe(400);
    expect((await post('{"model":"scripted-test"}')).status).toBe(400);
    expect((await post(' '.repeat(33 * 1024 * 1024))).status).toBe(413);
    expect(server.requests.map(({ status }) => status)).toEqual([400, 400, 413]);
  });

  it('ends an answer in progress when it is closed', async () => {
    await using dir = await writeScript({
      'model.json': { model: 'm', latencyMs: 3_600_000 },
      'a.rules.json': { rules: [rule('r', {}, { text: 'x' })] },
    });
    const server = await createScriptedModelServer({ scriptDir: dir.path });
    const body = JSON.stringify({ model: 'm', messages: [user('a')] });
    const pending = fetch(`${server.url}/v1/chat/completions`, { method: 'POST', body });
    const failed = expect(pending).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await server.close();
    await failed;
  });
});

describe('a script with mistakes', () => {
  async function problemsOf(
    files: Readonly<Record<string, unknown>>,
    prepare?: (dir: string) => Promise<void>,
  ) {
    await using dir = await writeScript(files);
    await prepare?.(dir.path);
    const error: unknown = await createScriptedModelServer({ scriptDir: dir.path }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(LlmError);
    expect((error as LlmError).code).toBe('SCRIPT_INVALID');
    return (error as LlmError).details['problems'] as readonly string[];
  }
  const model = { 'model.json': { model: 'm' } };

  it('is refused with every problem, its file and its path', async () => {
    const problems = await problemsOf({
      'model.json': { model: '', speed: 1 },
      'b/x.rules.json': {
        rules: [
          rule('same', { user: ['('] }, {}),
          rule('same', { usr: [] }, { text: 'a', json: 1 }, { text: { $file: '../../etc/passwd' } }),
          rule('t', {}, { alternatives: [{ text: 'a' }, { when: { lastToolResult: [] }, text: 'b' }] }),
          rule('u', {}),
        ],
      },
      'c.rules.json': '{',
      'd.rules.json': {
        rules: [rule('v', {}, { toolCalls: [{ name: 'x', arguments: { $file: 'gone' } }] })],
      },
    });
    const all = problems.join('\n');
    expect(all).toContain('model.json: model: Too small');
    expect(all).toContain('model.json: (top level): Unrecognized key: "speed"');
    expect(all).toContain('b/x.rules.json: rules.0.when.user.0: is no regular expression');
    expect(all).toContain('b/x.rules.json: rules.0.steps.0: needs text, json, toolCalls or fault');
    expect(all).toContain('b/x.rules.json: rules.1.when: Unrecognized key: "usr"');
    expect(all).toContain('b/x.rules.json: rules.1.steps.0: has both text and json');
    expect(all).toContain('b/x.rules.json: rules.1.steps.1.text.$file: ../../etc/passwd');
    expect(all).toContain('b/x.rules.json: rules.2.steps.0.alternatives.1.when.lastToolResult');
    expect(all).toContain('b/x.rules.json: rules.3.steps: Too small');
    expect(all).toContain('c.rules.json: is no JSON');
    expect(all).toContain('d.rules.json: rules.0.steps.0.toolCalls.0.arguments.$file: gone cannot be read');
  });

  it('may not reach outside its directory through a link', async () => {
    await using outside = await writeScript({ secret: 'text' });
    const rules = [rule('r', {}, { text: { $file: 'link' } })];
    const problems = await problemsOf({ ...model, 'a.rules.json': { rules } }, (dir) =>
      symlink(join(outside.path, 'secret'), join(dir, 'link')),
    );
    expect(problems).toEqual([
      'a.rules.json: rules.0.steps.0.text.$file: link is outside the script directory',
    ]);
  });

  it('may not use a rule name twice', async () => {
    const rules = [rule('same', {}, { text: 'x' })];
    expect(await problemsOf({ ...model, 'a.rules.json': { rules }, 'b.rules.json': { rules } })).toEqual([
      'b.rules.json: rule "same" has the name of a rule in a.rules.json',
    ]);
  });

  it('needs a directory, a model and a rule file', async () => {
    expect(await problemsOf({})).toEqual([
      expect.stringContaining('model.json: cannot be read'),
      'no *.rules.json file',
    ]);
    await expect(createScriptedModelServer({ scriptDir: '/nonexistent-dir' })).rejects.toMatchObject({
      code: 'SCRIPT_INVALID',
    });
  });
});

it('says where it cannot listen', async () => {
  await using server = await serveScript([{ name: 'any', when: {}, steps: [{ text: 'x' }] }]);
  await using dir = await writeScript({
    'model.json': { model: 'm' },
    'a.rules.json': { rules: [{ name: 'r', when: {}, steps: [{ text: 'x' }] }] },
  });
  const { port } = new URL(server.url);
  await expect(createScriptedModelServer({ scriptDir: dir.path, port: Number(port) })).rejects.toMatchObject({
    code: 'PORT_UNAVAILABLE',
    details: { host: '127.0.0.1', port: Number(port) },
  });
});
