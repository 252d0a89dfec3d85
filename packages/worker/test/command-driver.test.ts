import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, type AgentReport } from '@agentswarm/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCommandDriver, type AgentEvent, type AgentOutcome, type AgentRun } from '../src/index.ts';
import { parseReport } from '../src/parse-report.ts';
import { TOKEN } from './worker-fixture.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'command-driver-'));
});
afterEach(() => rmSync(root, { recursive: true }));

interface Result {
  readonly outcome: AgentOutcome;
  readonly report: AgentReport | undefined;
  readonly events: readonly AgentEvent[];
  readonly printed: string;
}

async function drive(command: readonly [string, ...string[]], more: Partial<AgentRun> = {}): Promise<Result> {
  const events: AgentEvent[] = [];
  let report: AgentReport | undefined;
  const run: AgentRun = {
    systemPrompt: 'SYSTEM',
    prompt: 'TASK',
    workdir: root,
    env: { PATH: process.env['PATH'] ?? '', ONLY: 'this' },
    model: {
      name: 'glm-5',
      baseUrl: 'http://127.0.0.1:9/v1',
      apiKey: new Secret(TOKEN),
      maxTokens: 1,
      temperature: 0,
      contextWindow: 1,
    },
    submitHandoff: (args) => {
      const verdict = parseReport(args);
      if (verdict.accepted) report ??= verdict.report;
      return verdict;
    },
    followUp: () => undefined,
    beforeCommand: () => Promise.resolve(),
    onEvent: (event) => events.push(event),
    signal: new AbortController().signal,
    ...more,
  };
  const outcome = await createCommandDriver({ command, stateDir: root }).run(run);
  const printed = events.flatMap((event) => (event.type === 'output_printed' ? [event.text] : [])).join('\n');
  return { outcome, report, events, printed };
}

const shell = (script: string, more: Partial<AgentRun> = {}) => drive(['sh', '-c', script], more);

describe('what the command is given', () => {
  test('the prompt on standard input and as a file, nothing but its own environment', async () => {
    const { printed, events } = await shell(
      'cat > stdin.txt; cmp stdin.txt "$AGENTSWARM_PROMPT_FILE" && echo same; pwd; cat stdin.txt; env',
    );
    expect(printed).toMatch(/^same\n/);
    expect(printed).toContain(root);
    expect(printed).toMatch(/SYSTEM[\s\S]*AGENTSWARM_HANDOFF_FILE[\s\S]*TASK/);
    expect(events[0]).toMatchObject({
      type: 'user_message',
      text: expect.stringContaining('TASK') as string,
    });
    const names = [...printed.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names.filter((name) => !['PWD', 'SHLVL', 'OLDPWD', '_'].includes(name ?? '')).toSorted()).toEqual([
      'AGENTSWARM_HANDOFF_FILE',
      'AGENTSWARM_PROMPT_FILE',
      'LLM_API_KEY',
      'LLM_BASE_URL',
      'LLM_MODEL',
      'ONLY',
      'OPENAI_API_BASE',
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      'OPENAI_MODEL',
      'PATH',
    ]);
    expect(printed).toContain('OPENAI_BASE_URL=http://127.0.0.1:9/v1\n');
    expect(printed).toContain('OPENAI_API_KEY=***');
  });

  test('arguments as they are, but for the places it knows', async () => {
    const { printed } = await drive([
      'sh',
      '-c',
      'for x; do echo "[$x]"; done; test -f "$4" && echo exists',
      'sh',
      '{model} at {base_url}',
      '{unknown} {}',
      '$HOME `id` *',
      '{prompt_file}',
    ]);
    expect(printed.split('\n').slice(0, 3)).toEqual([
      '[glm-5 at http://127.0.0.1:9/v1]',
      '[{unknown} {}]',
      '[$HOME `id` *]',
    ]);
    expect(printed).toMatch(/\nexists$/);
  });

  test('nothing it must read', async () => {
    const { outcome } = await shell('exec 0<&-; exit 0', { prompt: 'x'.repeat(4_000_000) });
    expect(outcome).toEqual({ status: 'ended' });
  });
});

describe('how it ends', () => {
  test.each([
    ['printf "one\\n\\nAdd it\\nTwo tests.\\n\\n"', 'Add it\nTwo tests.'],
    ['printf "\\033[31mred\\033[0m\\n10%%\\r50%%\\r100%%\\n"; echo no >&2', 'red\n100%'],
    ['echo "my key is $OPENAI_API_KEY"', 'my key is ***'],
    ['true', 'Work of sh, which said nothing about it'],
  ])('%s: complete, in the words of its last paragraph', async (script, summary) => {
    expect((await shell(script)).report).toMatchObject({ status: 'complete', summary });
  });

  test('with a report of its own', async () => {
    const report = { status: 'blocked', summary: 'No', concerns: ['a'], suggestions: [] };
    const script = `echo '${JSON.stringify(report)}' > "$AGENTSWARM_HANDOFF_FILE"`;
    expect((await shell(script)).report).toEqual(report);
  });

  test.each([
    ['echo done > "$AGENTSWARM_HANDOFF_FILE"', 'not JSON'],
    ['echo "{}" > "$AGENTSWARM_HANDOFF_FILE"', 'summary'],
    ['mkfifo "$AGENTSWARM_HANDOFF_FILE"', 'no plain file'],
    ['mkdir "$AGENTSWARM_HANDOFF_FILE"', 'EISDIR|no plain file'],
    [
      'ln -s /nowhere/at/all "$AGENTSWARM_HANDOFF_FILE"; ln -sf /dev/zero "$AGENTSWARM_HANDOFF_FILE"',
      'no plain',
    ],
    ['head -c 2000000 /dev/zero > "$AGENTSWARM_HANDOFF_FILE"', 'larger than'],
  ])('partial, with a concern, after %s', async (script, problem) => {
    const { report } = await shell(`echo I did it; ${script}`);
    expect(report).toMatchObject({ status: 'partial', summary: 'I did it' });
    expect(report?.concerns).toEqual([expect.stringMatching(problem)]);
  });

  test('with another exit code: a failure, in its last words', async () => {
    await expect(shell('echo began; echo "HTTP 500 for $OPENAI_API_KEY" >&2; exit 3')).rejects.toMatchObject({
      code: 'WORKER_AGENT_FAILED',
      message: 'the agent "sh" exited with 3: began\nHTTP 500 for ***',
    });
    await expect(shell('kill -9 $$')).rejects.toMatchObject({
      message: 'the agent "sh" was ended by SIGKILL, and printed nothing',
    });
  });

  test('before it starts, when there is no such program', async () => {
    await expect(drive(['no-such-agent', '-x'])).rejects.toMatchObject({
      code: 'WORKER_AGENT_UNAVAILABLE',
      message: expect.stringMatching(
        /^the agent "no-such-agent" cannot be started: there is no such program\./,
      ) as string,
    });
  });

  test('although a child of it would go on and holds its output', async () => {
    const { outcome, printed } = await shell('(trap "" TERM HUP; sleep 600) & echo $$; exit 0');
    expect(outcome).toEqual({ status: 'ended' });
    while (groupExists(Number(printed.trim()))) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('by force, when it ignores being told to', async () => {
    const abort = new AbortController();
    const onEvent = (event: AgentEvent) => event.type === 'output_printed' && abort.abort();
    const { outcome } = await shell('trap "" TERM; echo here; while :; do sleep 1; done', {
      signal: abort.signal,
      onEvent,
    });
    expect(outcome).toEqual({ status: 'aborted' });
  });
});

test('a flood of output is told in bounded parts and keeps its end', async () => {
  const { events, report } = await shell(
    'head -c 30000000 /dev/zero | tr "\\0" "x"; i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done',
  );
  const texts = events.flatMap((event) => (event.type === 'output_printed' ? [event.text] : []));
  expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(17_000);
  expect(texts.join('')).toMatch(/… \d+ lines omitted …/);
  expect(report?.summary).toMatch(/line 19999$/);
});

function groupExists(processGroup: number): boolean {
  try {
    return process.kill(-processGroup, 0);
  } catch (error) {
    expect(String(error)).toContain('ESRCH');
    return false;
  }
}
