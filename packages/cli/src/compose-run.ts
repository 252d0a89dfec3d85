import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  foldRecords,
  randomIdSource,
  RunIdSchema,
  systemClock,
  type Journal,
  type ModelCalledEvent,
  type RunId,
  type RunState,
  type SandboxBackend,
} from '@agentswarm/core';
import { acquireRunLock, openSqliteJournal } from '@agentswarm/journal';
import { createGateway, createLlmClient, probeEndpoint } from '@agentswarm/llm-client';
import { commands, createMergeQueue } from '@agentswarm/merge-queue';
import {
  assertResumable,
  createRunFolder,
  createSwarm,
  loadPrompts,
  locateTarget,
  openTarget,
  resumeRun,
  runFolderOf,
  startRun,
  type RunFolder,
  type Target,
} from '@agentswarm/orchestrator';
import { CliError } from './errors.ts';
import type { ComposeRun, ComposeRunOptions } from './runs/compose.ts';
import { createBackend } from './runs/create-backend.ts';
import { findWorkerRuntime } from './runs/worker-runtime.ts';

/** Wires every package together and carries one run to its end. */
export const composeRun: ComposeRun = async (options) => {
  await using resources = new AsyncDisposableStack();
  const { state: stateFolder } = await locateTarget(options.targetPath);
  resources.use(acquireLock(stateFolder.lock, options.targetPath));
  const runId = RunIdSchema.parse(options.resumeRunId ?? randomIdSource.runId(systemClock.nowMs()));
  const earlier = await openEarlierRun(options, runFolderOf(stateFolder, runId));
  const { graceful: signal } = options.stop;
  const target = await openTarget({
    path: options.targetPath,
    config: options.config,
    signal,
    ...(earlier ? { resumed: earlier.state } : {}),
  });
  const endpoints = await Promise.all(
    options.endpoints.map((endpoint) => probeEndpoint(endpoint, { signal })),
  );
  const backend = resources.use(await createBackend({ ...options, root: stateFolder.sandboxes }));
  const folder = await createRunFolder(stateFolder, runId);
  const journal = resources.use(earlier?.journal ?? openSqliteJournal({ path: folder.journal }));
  const reports = endpoints.map(({ name, model, ownedBy }) => ({ name, model, ownedBy }));
  const process = { pid: globalThis.process.pid, version: options.version };
  if (earlier) resumeRun({ journal, state: earlier.state, endpoints: reports, process });
  else {
    const { config } = options;
    startRun({ journal, runId, target, config, endpoints: reports, isolation: backend.description, process });
  }
  await options.onStarted({ runId, folder: folder.path, journal });
  return await drive({ options, runId, target, folder, journal, backend, resources });
};

interface Parts {
  readonly options: ComposeRunOptions;
  readonly runId: RunId;
  readonly target: Target;
  readonly folder: RunFolder;
  readonly journal: Journal;
  readonly backend: SandboxBackend;
  readonly resources: AsyncDisposableStack;
}

async function drive(parts: Parts): ReturnType<ComposeRun> {
  const { options, runId, target, folder, journal, backend, resources } = parts;
  const { config, endpoints, logger } = options;
  const onCall = (event: ModelCalledEvent) => void journal.append(event);
  const llm = createLlmClient({
    endpoints,
    models: config.models,
    maxTokens: config.llmMaxTokens,
    temperature: config.llmTemperature,
    timeoutMs: config.llmTimeoutMs,
    onCall,
    logger,
  });
  const socketDir = await mkdtemp(join(tmpdir(), 'agentswarm-'));
  resources.defer(() => rm(socketDir, { recursive: true, force: true }));
  const gateway = resources.use(
    await createGateway({
      endpoints,
      models: config.models,
      onCall,
      socketDir,
      requestTimeoutMs: config.llmTimeoutMs,
      logger,
    }),
  );
  const gate = commands([...target.gate], {
    backend,
    run: runId,
    network: config.gateNetwork === 'open' ? 'open' : 'none',
    timeoutMs: config.gateTimeoutSeconds * 1000,
    logger,
  });
  const queue = resources.use(
    await createMergeQueue({
      repository: target.state.store,
      target: target.mainBranch,
      remote: target.remote,
      ...(target.credential ? { credential: target.credential } : {}),
      gate,
      journal,
      state: recoverQueue(foldRecords(journal.read())),
      logger,
    }),
  );
  const swarm = createSwarm({
    runId,
    config,
    target,
    folder,
    journal,
    backend,
    llm,
    gateway,
    queue,
    gate,
    prompts: await loadPrompts(),
    workerCommand: findWorkerRuntime().command,
    secrets: options.secrets,
    repair: options.repair,
    logger,
  });
  return await swarm.run({ signal: options.stop.graceful });
}

function acquireLock(path: string, targetPath: string): Disposable {
  const acquired = acquireRunLock(path);
  if (acquired.kind === 'acquired') return acquired.lock;
  throw new CliError('CLI_RUN_LIVE', `a run is live on ${targetPath}`, { details: { targetPath } });
}

async function openEarlierRun(
  options: ComposeRunOptions,
  folder: RunFolder,
): Promise<{ journal: Journal; state: RunState } | undefined> {
  if (options.resumeRunId === undefined) return undefined;
  const journal = openSqliteJournal({ path: folder.journal });
  const state = foldRecords(journal.read());
  try {
    assertResumable(state);
  } catch (error) {
    await journal[Symbol.asyncDispose]();
    throw error;
  }
  return { journal, state };
}

/** What the queue of a dead process left: its line, and landings whose fate only the ref knows. */
function recoverQueue(state: RunState) {
  const tickets = state.queue.tickets.flatMap((ticket) => {
    const attempt = [...state.attempts.values()].find((candidate) => candidate.id === ticket);
    if (attempt?.head === undefined) return [];
    const priority = state.tasks.get(attempt.taskId)?.task.priority ?? 5;
    return [{ ticket, branch: attempt.branch, head: attempt.head, priority }];
  });
  return { tickets, intents: state.queue.intents };
}
