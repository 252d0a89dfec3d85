import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  AttemptIdSchema,
  RunIdSchema,
  Secret,
  TaskAssignmentSchema,
  type LogFields,
  type Logger,
  type Sandbox,
} from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTask, taskPaths } from '../../src/index.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from '../local-machine.ts';
import type { EscapeHost } from './attempt.ts';
import { CANARY, plantHost } from './host.ts';

const WORKER = join(import.meta.dirname, 'hoarding-worker.mjs');
const ATTEMPT = AttemptIdSchema.parse('task.1');
const REF = 'refs/agentswarm/run-canaries/task.1';

/** Never meant for a sandbox. */
const KEPT = {
  'a file in HOME': CANARY,
  'the key of the model provider': `${CANARY}-provider`,
  'the credential of the target repository': `${CANARY}-target`,
  'the token of a package registry': `${CANARY}-registry`,
};
/** Meant for this one sandbox and for nobody else. */
const GIVEN = { token: `given-${CANARY.slice(7)}-token`, secret: `given-${CANARY.slice(7)}-secret` };

let host: EscapeHost;
beforeAll(async () => {
  host = await plantHost();
  process.env['OPENAI_API_KEY'] = KEPT['the key of the model provider'];
  await host.source.git(
    'config',
    'http.https://example.invalid.extraHeader',
    `Authorization: ${KEPT['the credential of the target repository']}`,
  );
});
afterAll(async () => {
  delete process.env['OPENAI_API_KEY'];
  await host[Symbol.asyncDispose]();
});

function assignmentFor(sandbox: Sandbox) {
  const gateway = { kind: 'socket', path: '/none' };
  return TaskAssignmentSchema.parse({
    v: 1,
    runId: RunIdSchema.parse('run-canaries'),
    attemptId: ATTEMPT,
    attempt: 1,
    task: { id: 'task', description: 'd', scope: ['loot'], acceptance: ['a'] },
    branch: 'worker/task.1',
    base: host.source.commit,
    shared: [],
    forbidden: [],
    evidence: [],
    instructions: 'do it',
    gate: [],
    model: { name: 'm', gateway, maxTokens: 1, temperature: 0, contextWindow: 1 },
    paths: taskPaths(sandbox),
  });
}

function collectingLogger(into: string[], bound: LogFields = {}): Logger {
  const write = (fields: LogFields, message: string) => {
    into.push(`${JSON.stringify({ ...bound, ...fields })} ${message}`);
  };
  const child = (fields: LogFields) => collectingLogger(into, { ...bound, ...fields });
  return { debug: write, info: write, warn: write, error: write, child };
}

/** Arguments of all processes, and what the backend wrote down, as long as something runs. */
async function watch(root: string, until: Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const over = new AbortController();
  const ended = until.finally(() => over.abort());
  while (!over.signal.aborted) {
    seen.push(spawnSync('ps', ['-ewwo', 'args'], { encoding: 'utf8' }).stdout);
    // By cat, since a record may be gone by the time it is read.
    const files = ['-c', 'cat "$0"/sandboxes/*.json "$0"/etc/* 2>/dev/null', root];
    seen.push(spawnSync('sh', files, { encoding: 'utf8' }).stdout);
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
  }
  return seen;
}

/** Runs one whole attempt whose worker hands in all that it can find. */
async function hoard(isolation: 'auto' | 'none') {
  const root = temporaryFolder('canaries');
  const logged: string[] = [];
  const logger = collectingLogger(logged);
  await using backend = localBackend(isolation, {
    root,
    logger,
    runtime: { readOnlyPaths: [WORKER], nodePath: process.execPath },
    registry: { env: { NPM_TOKEN: KEPT['the token of a package registry'] }, urls: [] },
  });
  const attempt = runTask({
    backend,
    logger,
    spec: {
      labels: { run: 'run-canaries', purpose: 'attempt', task: 'task', attempt: ATTEMPT },
      source: host.source.at(host.source.commit),
      env: { LOOK_IN: host.credentials },
      secrets: { GIVEN_SECRET: new Secret(GIVEN.secret) },
    },
    assignment: assignmentFor,
    workerCommand: ['node', WORKER],
    gatewayToken: new Secret(GIVEN.token),
    timeoutMs: 60_000,
    store: { repository: host.source.repository, ref: REF },
  });
  const frames: string[] = [];
  const reading = (async () => {
    for await (const frame of attempt.events) frames.push(JSON.stringify(frame));
  })();
  await attempt.sandboxId;
  const watched = await watch(root, attempt.result);
  await reading;
  const result = await attempt.result;
  expect(result).toMatchObject({ status: 'handed_off' });
  const loot = await host.source.git('show', `${REF}:loot`);
  const store = await host.source.git('log', '--all', '-p', '--format=fuller', '--', ':!loot');
  return { loot, public: { watched, logged, frames, result: JSON.stringify(result), store } };
}

describe.each(ISOLATIONS)('secrets planted on the host (isolation %s)', (isolation) => {
  let hoarded: Awaited<ReturnType<typeof hoard>>;
  beforeAll(async () => {
    hoarded = await hoard(isolation);
  });

  it('are looked for', () => {
    expect(hoarded.loot).toContain('== self/environ');
    expect(hoarded.loot).toContain('worker@agentswarm.invalid');
    expect(hoarded.public.result).toContain('got the token: true');
    expect(hoarded.public.watched.some((text) => text.includes('hoarding-worker'))).toBe(true);
    expect(hoarded.public.watched.some((text) => text.includes('"purpose":"attempt"'))).toBe(true);
    expect(hoarded.public.frames).toHaveLength(2);
  });

  if (isolation === 'none') {
    // Environments of the user's other processes are in its reach, too, for as long as they run.
    it('would otherwise be found by a worker that looks everywhere', () => {
      expect(hoarded.loot).toContain(KEPT['a file in HOME']);
    });
  } else {
    it.each(Object.entries(KEPT))('are not found by a worker that looks everywhere: %s', (_what, canary) => {
      expect(hoarded.loot.includes(canary)).toBe(false);
    });
  }

  it.each([...Object.entries(KEPT), ...Object.entries(GIVEN)])(
    'appear in no argument, record, log, frame, result or commit: %s',
    (_what, canary) => {
      for (const text of [...Object.values(hoarded.public)].flat()) {
        expect(text.includes(canary)).toBe(false);
      }
    },
  );

  it('reach the one worker they were given to', () => {
    expect(hoarded.public.result).toContain('got the token: true; given: 2');
  });

  it('are not passed on among what was given either', () => {
    for (const canary of Object.values(GIVEN)) expect(hoarded.loot.includes(canary)).toBe(false);
  });
});
