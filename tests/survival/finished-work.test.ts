import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createScriptedModelServer } from '@agentswarm/llm-client';
import { probeIsolation } from '@agentswarm/sandbox-runner';
import { describe, expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { createSmallTarget, gitIn } from '../support/small-target.ts';

interface Outcome {
  readonly metrics: {
    readonly attempts: Record<string, number>;
    readonly model: { readonly byRole: { readonly worker: { readonly calls: number } } };
  };
}

const PRELOAD = new URL('./crash-at-event.mjs', import.meta.url).href;

/** The lines of every transcript under a folder. */
function transcriptLines(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ parentPath }) => parentPath.endsWith('transcripts'))
    .flatMap(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').trimEnd().split('\n'));
}

describe('work that a worker finished before its run was killed', () => {
  it.each(['auto', 'none'])('is handed in by the resumed run with isolation %s', async (isolation) => {
    const target = createSmallTarget({ tasks: ['gamma'] });
    await using stack = new AsyncDisposableStack();
    const model = stack.adopt(await createScriptedModelServer({ scriptDir: target.script }), (server) =>
      server.close(),
    );
    stack.defer(() => rmSync(target.root, { recursive: true }));
    const usable = isolation === 'none' || probeIsolation().usable;
    const command = (verb: string, crash: Record<string, string>) =>
      runAgentswarm([verb, '--target', target.path, '--json'], {
        nodeArguments: [`--import=${PRELOAD}`],
        env: {
          ...crash,
          LLM_BASE_URL: model.url,
          LLM_MODEL: 'scripted-small',
          ISOLATION: usable ? isolation : 'none',
        },
      });
    const handIn = { CRASH_TYPE: 'attempt_handed_off', CRASH_AT: '1', CRASH_WHEN: 'before' };
    const crashed = await command('run', handIn);
    expect(crashed.signal, crashed.stderr).toBe('SIGKILL');
    const resumed = await command('resume', {});
    expect(resumed, resumed.stderr).toMatchObject({ exitCode: 0 });
    const { metrics } = JSON.parse(resumed.stdout) as Outcome;
    expect(metrics.attempts).toMatchObject({ started: 1, landed: 1, abandoned: 0, failed: 0 });
    // Write, check, hand in: no model was asked for any of it again.
    expect(metrics.model.byRole.worker.calls).toBe(3);
    expect(gitIn(target.remote, 'show', 'main:parts/gamma.json')).toContain('slot');
    const lines = transcriptLines(target.root).filter((line) => line.includes('"kind":"tool_call"'));
    expect(lines).toHaveLength(3);
    expect(new Set(lines).size).toBe(3);
    expect(await remainingProcesses(target.root)).toEqual([]);
  });
});
