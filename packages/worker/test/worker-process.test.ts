import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HandoffSchema } from '@agentswarm/core';
import { startFakeGateway } from './fake-gateway.ts';
import { bash, submit, write } from './replies.ts';
import { createWorkplace, entries, errorsOf, runToEnd, TOKEN } from './worker-fixture.ts';

test.each(['socket', 'url'])('hands in the work of a tool loop over a gateway %s', async (kind) => {
  using place = createWorkplace({ 'README.md': 'hello\n', 'AGENTS.md': 'Use tabs.\n' });
  await using gateway = await startFakeGateway(
    [
      {
        text: 'I will look first.',
        calls: [{ tool: 'read', args: { path: 'README.md' } }],
      },
      write('greeting.txt', 'helo\n'),
      {
        calls: [
          { tool: 'edit', args: { path: 'greeting.txt', edits: [{ oldText: 'helo', newText: 'hello' }] } },
        ],
      },
      bash('cat greeting.txt; echo "printed by a command" >&2'),
      submit(),
    ],
    kind === 'socket' ? { socket: place.socket } : {},
  );
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result).toMatchObject({ exitCode: 0 });

  const handoff = HandoffSchema.parse(place.handoff());
  expect(handoff).toMatchObject({
    attemptId: 'add-greeting.1',
    status: 'complete',
    summary: 'Add the greeting\n\nVerified.',
    branch: 'worker/add-greeting.1',
    base: place.base,
    metrics: { turns: 5, toolCalls: 5 },
  });
  expect(place.intake('rev-parse', 'refs/heads/worker/add-greeting.1')).toBe(handoff.head);
  expect(place.intake('show', `${handoff.head}:greeting.txt`)).toBe('hello');
  expect(place.intake('log', '--format=%an <%ae>|%s|%P', '-1', handoff.head)).toBe(
    `AgentSwarm Worker <worker@agentswarm.invalid>|add-greeting: Add the greeting|${place.base}`,
  );
  expect(errorsOf(result.frames)).toEqual([]);
  expect(entries(result.frames, 'tool_result').map((entry) => [entry['tool'], entry['isError']])).toEqual([
    ['read', false],
    ['write', false],
    ['edit', false],
    ['bash', false],
    ['submit_handoff', false],
  ]);
  expect(entries(result.frames, 'assistant')[0]).toMatchObject({ text: 'I will look first.' });
  expect(result.frames.findLast((frame) => frame.type === 'commit')).toMatchObject({ head: handoff.head });
  expect(result.frames.at(-1)).toMatchObject({ type: 'progress', phase: 'done', toolCalls: 5 });

  const first = gateway.requests[0];
  expect(first?.authorization).toBe(`Bearer ${TOKEN}`);
  expect(first?.body).toMatchObject({ model: 'test-model', temperature: 0, max_tokens: 1024 });
  expect(first?.body.tools.map((tool) => tool.function.name).toSorted()).toEqual([
    'bash',
    'edit',
    'read',
    'submit_handoff',
    'write',
  ]);
  expect(JSON.stringify(first?.body.tools)).toContain('Timeout in seconds (default 600)');
  expect(JSON.stringify(first?.body.tools)).not.toContain('no default timeout');
  const system = JSON.stringify(first?.body.messages[0]);
  expect(first?.body.messages[0]?.role).toBe('system');
  expect(system).toContain('You are a worker of AgentSwarm.');
  expect(system).toContain('Use tabs.');
  expect(JSON.stringify(first?.body.messages[1])).toContain('Task: add-greeting\\nAttempt: 1');
});

test('reminds once of a missing handoff, then fails', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    write('greeting.txt', 'hello\n'),
    { text: 'All done!' },
    { text: 'Really done.' },
  ]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(1);
  expect(errorsOf(result.frames).map((error) => error.code)).toEqual(['handoff_missing']);
  expect(gateway.requests).toHaveLength(3);
  expect(JSON.stringify(gateway.requests[2]?.body.messages.at(-1))).toContain('Call submit_handoff');
  expect(readdirSync(`${place.root}/control`)).toEqual(['assignment.json', 'frames.ndjson']);
  expect(place.intake('show', 'worker/add-greeting.1:greeting.txt')).toBe('hello');
});

test('accepts a handoff given after the reminder', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([{ text: 'Nothing to do.' }, submit()]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(0);
  expect(place.handoff()).toMatchObject({ head: place.base, metrics: { turns: 2, toolCalls: 1 } });
});

test('returns an invalid handoff to the model as a tool error', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    submit({ status: 'done', summary: '' }),
    submit({ status: 'partial', summary: 'Half of it', concerns: ['no test'] }),
  ]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(0);
  const [rejected, accepted] = entries(result.frames, 'tool_result');
  expect(rejected).toMatchObject({ tool: 'submit_handoff', isError: true });
  expect(rejected?.['text']).toMatch(/status/);
  expect(accepted).toMatchObject({ isError: false });
  expect(place.handoff()).toMatchObject({ status: 'partial', concerns: ['no test'] });
});

test('ends after a handoff that was given together with other calls', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    {
      calls: [
        { tool: 'submit_handoff', args: { status: 'complete', summary: 'Add it' } },
        { tool: 'write', args: { path: 'greeting.txt', content: 'hello\n' } },
      ],
    },
  ]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(0);
  expect(place.intake('show', 'worker/add-greeting.1:greeting.txt')).toBe('hello');
});

test('refuses bad input with exit code 2 and the reason on standard error', async () => {
  using place = createWorkplace();
  const invalid = await runToEnd(place, { v: 1 });
  expect(invalid).toMatchObject({ exitCode: 2, stdout: '' });
  expect(invalid.stderr).toContain('is not an assignment');
  const noToken = await runToEnd(place, place.assignment({ kind: 'socket', path: place.socket }), {
    stdin: '',
  });
  expect(noToken).toMatchObject({ exitCode: 2, stdout: '' });
  expect(noToken.stderr).toContain('no gateway token');
});
