import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createRedactor,
  foldRecords,
  silentLogger,
  type EndpointReport,
  type Journal,
  type Logger,
  type ModelCalledEvent,
  type RunId,
  type RunState,
  type SandboxBackend,
  type Secret,
  type SwarmConfig,
} from '@agentswarm/core';
import { openGitSession } from '@agentswarm/git';
import {
  createGateway,
  createLlmClient,
  createModelCatalog,
  createRouter,
  type Budget,
  type ExchangeRecorder,
  type LlmEndpoint,
  type ModelCatalog,
  type ModelNotes,
} from '@agentswarm/llm-client';
import { commands, createMergeQueue, defaultResolvers } from '@agentswarm/merge-queue';
import { planGatewayPort } from '../attempt/gateway-way.ts';
import { sandboxLimits } from '../attempt/sandbox-limits.ts';
import { createHandInGuard } from '../attempt/hand-in-guard.ts';
import { assertBudgetCanBeKept, openBudget } from '../budget/open-budget.ts';
import { createRent } from '../budget/rent.ts';
import { loadPrompts } from '../prompts.ts';
import { createRunFolder } from '../target/state-folder.ts';
import type { Target } from '../target/target.ts';
import { resumeRun, startRun, type RunProcess } from './start-run.ts';
import { createRedactingJournal } from './redacting-journal.ts';
import { createRunLog } from './run-log.ts';
import { createSwarm, type Swarm } from './swarm.ts';

export interface OpenSwarmOptions {
  readonly runId: RunId;
  readonly target: Target;
  readonly config: SwarmConfig;
  /** Empty for a new run; that of the run to resume otherwise. */
  readonly journal: Journal;
  readonly backend: SandboxBackend;
  /** At least one; names are unique. */
  readonly endpoints: readonly LlmEndpoint[];
  /** What the endpoints said of themselves: see `probeEndpoint` of llm-client. */
  readonly reports: readonly EndpointReport[];
  /** What models can do and cost; default the catalogue of llm-client. */
  readonly catalog?: ModelCatalog;
  /** What a person noted about models, by name. */
  readonly notes?: ReadonlyMap<string, ModelNotes>;
  /** Hears every exchange with an endpoint. */
  readonly recorder?: ExchangeRecorder;
  /** Program and arguments of the worker process; the assignment's path is added. */
  readonly workerCommand: readonly [string, ...string[]];
  readonly process: RunProcess;
  /** Never written to journal or transcripts. */
  readonly secrets?: readonly Secret[];
  /** Start although the gate is red on main; a resumed run keeps what it was started with. Default false. */
  readonly repair?: boolean;
  readonly logger?: Logger;
}

/**
 * Opens a swarm with everything it works with: model client and gateway, merge queue and gate. Starts
 * the run in an empty journal, or continues the one the journal holds. Disposing it ends what it opened;
 * journal and backend stay the caller's.
 *
 * @throws {OrchestratorError} RUN_ALREADY_FINISHED; BUDGET_PROVIDER_UNKNOWN.
 * @throws {LlmError} PRICE_UNKNOWN when a bound in USD is set and a model has no price.
 */
export async function openSwarm(given: OpenSwarmOptions): Promise<Swarm & AsyncDisposable> {
  const secrets = [
    ...(given.secrets ?? []),
    ...(given.target.credential ? [given.target.credential.token] : []),
  ];
  const journal = createRedactingJournal(given.journal, createRedactor(secrets));
  const options = { ...given, journal };
  const { runId, target, config, backend } = options;
  await using opened = new AsyncDisposableStack();
  const folder = await createRunFolder(target.state, runId);
  const terms = { ...options, prices: options.catalog ?? createModelCatalog() };
  assertBudgetCanBeKept(terms);
  const repair = beginRun(options);
  // Before the queue takes up its line: its gate works in sandboxes of this run again. What attempts left is looked at first.
  for (const purpose of ['gate', 'dependencies', 'command'] as const) {
    await backend.reap({ run: runId, purpose });
  }
  const budget = opened.use(await openBudget(terms, journal, createRunLog(journal)));
  const { llm, gateway } = await openModel({ ...options, budget }, opened);
  const { gate, queue } = await openQueue({ ...options, repair }, opened);
  const session = opened.use(await openGitSession({ repository: target.state.store }));
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
    guard: createHandInGuard(session),
    rent: createRent(budget, options.endpoints),
    prompts: await loadPrompts(),
    workerCommand: options.workerCommand,
    secrets,
    repair,
    logger: options.logger ?? silentLogger,
  });
  const owned = opened.move();
  return { ...swarm, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Gives whether main may be red. */
function beginRun(options: OpenSwarmOptions): boolean {
  const { journal, process, target } = options;
  const endpoints = options.reports.map(({ name, model, ownedBy }) => ({ name, model, ownedBy }));
  const state = foldRecords(journal.read());
  if (state.run === undefined) startRun({ ...options, endpoints, isolation: options.backend.description });
  else resumeRun({ journal, state, target, endpoints, process });
  return state.run?.repair ?? options.repair ?? false;
}

async function openModel(
  options: OpenSwarmOptions & { readonly budget: Budget },
  opened: AsyncDisposableStack,
) {
  const { config, endpoints, journal, budget, catalog, logger = silentLogger } = options;
  const onCall = (event: ModelCalledEvent) => void journal.append(event);
  const common = {
    router: createRouter({ endpoints, logger }),
    models: config.models,
    ...(catalog === undefined ? {} : { catalog }),
    ...(options.notes === undefined ? {} : { notes: options.notes }),
    ...(options.recorder === undefined ? {} : { recorder: options.recorder }),
    budget,
    onCall,
    logger,
  };
  const llm = createLlmClient({
    ...common,
    maxTokens: config.llmMaxTokens,
    temperature: config.llmTemperature,
    timeoutMs: config.llmTimeoutMs,
  });
  // A short path: the name of a socket has room for about a hundred characters.
  const socketDir = await mkdtemp(join(tmpdir(), 'agentswarm-'));
  opened.defer(() => rm(socketDir, { recursive: true, force: true }));
  const tcp = planGatewayPort(config);
  const gateway = opened.use(
    await createGateway({
      ...common,
      socketDir,
      ...(tcp === undefined ? {} : { tcp }),
      requestTimeoutMs: config.llmTimeoutMs,
    }),
  );
  return { llm, gateway };
}

async function openQueue(options: OpenSwarmOptions, opened: AsyncDisposableStack) {
  const { config, target, journal, runId, backend, logger = silentLogger } = options;
  const gate = commands([...target.gate], {
    backend,
    run: runId,
    network: config.gateNetwork,
    timeoutMs: config.gateTimeoutSeconds * 1000,
    limits: sandboxLimits(config),
  });
  const queue = await createMergeQueue({
    repository: target.state.store,
    target: target.mainBranch,
    remote: target.remote,
    ...(target.credential ? { credential: target.credential.token } : {}),
    gate,
    // What tasks may share are lists that grow: barrels, registers. What is no list is declined.
    resolvers: defaultResolvers({
      union: { appendOnly: config.shared },
      lockfiles: { backend, run: runId, network: config.gateNetwork },
    }),
    allowRedTarget: options.repair ?? false,
    journal,
    state: recoverQueue(foldRecords(journal.read())),
    logger,
  });
  opened.use(queue);
  return { gate, queue };
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
