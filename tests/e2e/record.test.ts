import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { readCassette } from '@agentswarm/llm-client/cassette';
import { expect, it } from 'vitest';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget } from '../support/small-target.ts';

const KEY = 'sk-recorded-canary-71ac';

it('records every exchange of a run, planner and workers, without the key', async () => {
  const target = createSmallTarget({ tasks: ['alpha'] });
  const model = await createScriptedModelServer({ scriptDir: target.script });
  const path = join(target.root, 'run.cassette.jsonl');
  try {
    const run = await runAgentswarm(['run', '--json', '--record', path, '--target', target.path], {
      env: {
        LLM_BASE_URL: model.url,
        LLM_API_KEY: KEY,
        LLM_MODEL: 'scripted-small',
        ISOLATION: 'none',
        MAX_WORKERS: '1',
      },
    });
    expect(run, run.stderr).toMatchObject({ exitCode: 0 });
    const { metrics } = JSON.parse(run.stdout);
    const { exchanges } = await readCassette(path);
    const chats = exchanges.filter(({ request }) => request.path === '/chat/completions');
    expect(chats).toHaveLength(metrics.model.calls);
    expect(chats.every(({ response, end }) => response?.status === 200 && end === 'complete')).toBe(true);
    // The planner asks whole, workers stream.
    expect(new Set(chats.map(({ response }) => response?.body.kind))).toEqual(new Set(['whole', 'stream']));
    expect(readFileSync(path, 'utf8')).not.toContain(KEY);
  } finally {
    await model.close();
    rmSync(target.root, { recursive: true });
  }
});
