import { buildEngine } from './assembly/build-engine.ts';
import type { EngineOptions } from './assembly/engine-options.ts';
import type { EngineParts } from './assembly/engine-parts.ts';
import { loadFunction } from './assembly/load-function.ts';
import { memoryPorts } from './assembly/memory-ports.ts';
import { loadConfiguration } from './assembly/load-configuration.ts';
import type { ArtifactStore } from './artifacts/artifact-store.ts';
import type { CredentialProvider } from './credentials/credential-provider.ts';
import { EngineError } from './errors.ts';
import type { CustomAssertion } from './evaluations/check-assertion.ts';
import { Evaluator } from './evaluations/evaluator.ts';
import { Inspector } from './inspector/inspector.ts';
import { createGlobalMemory, type GlobalMemory } from './memory/global-memory.ts';
import type { MemoryStore } from './memory/memory-store.ts';
import { MemoryWriter, ownerOf } from './memory/memory-writer.ts';
import { createProjectMemory, type ProjectMemory } from './memory/project-memory.ts';
import { createTaskMemory, type TaskMemory } from './memory/task-memory.ts';
import type { EngineMetadata } from './metadata/engine-metadata.ts';
import type { MetricSample, MetricsCollector } from './metrics/metrics-collector.ts';
import type { EngineEvent } from './model/engine-event.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './model/json.ts';
import type { EvaluationSuite } from './model/manifest-set.ts';
import type { RunResult } from './model/run-result.ts';
import type { TaskView } from './model/task.ts';
import type { Status, StoreName, TaskMode } from './model/vocabulary.ts';
import { closePlugins } from './plugins/close-plugins.ts';
import type { PluginRegistry } from './plugins/plugin-registry.ts';
import { openRepl, type ReplOptions } from './open-repl.ts';
import type { ReplEngine } from './repl/repl-engine.ts';
import type { Repl } from './repl/repl.ts';
import { runWorkflow } from './run-workflow.ts';
import { runQueued, type QueueResult } from './scheduler/run-queued.ts';
import type { QueueStatus, TaskQueue } from './scheduler/task-queue.ts';
import { CheckpointStore } from './tasks/checkpoint-store.ts';
import { DEFAULT_PROJECT } from './tasks/task-spec.ts';
import { copyJson } from './tools/copy-json.ts';

/** How one run differs from others. */
export interface RunOptions {
  /** Ends the run after the node that is running; what is open is `cancelled`. */
  readonly signal?: AbortSignal;
  /** Default `implement`. */
  readonly mode?: TaskMode;
  /** `project_id` selects the project memory. */
  readonly metadata?: Readonly<Record<string, JsonValue>>;
}

/** How the queue is run. */
export interface QueueOptions extends Pick<RunOptions, 'signal'> {
  /** Hears of each result, in the order the runs began, as soon as those before it are there. */
  readonly onResult?: (result: QueueResult) => void;
}

/** What a sound configuration directory holds. */
export interface ConfigCheck {
  /** As {@link Engine.manifestWarnings}. */
  readonly warnings: readonly string[];
  /** The manifests there are. */
  readonly files: readonly string[];
  readonly node_count: number;
  /** Declared, and not to be had here and now. */
  readonly failed_credentials: readonly string[];
}

/**
 * A workflow that is loaded and can be run, any number of times, also several at once. Close it, or declare it with
 * `await using`.
 */
export class Engine implements AsyncDisposable {
  readonly #parts: EngineParts;
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  private constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /**
   * Loads a configuration directory.
   *
   * @throws {ManifestLoadError | SchemaValidationError | DAGValidationError} when one thing is wrong with it.
   * @throws {AggregateManifestError} when several things are: all of them, with file and path.
   * @throws {StorageError} STORAGE_LOCKED, retryable, while another engine or process has the state.
   */
  static async fromConfigDir(configDir: string, options: EngineOptions = {}): Promise<Engine> {
    return new Engine(await buildEngine(configDir, options));
  }

  /**
   * Looks whether a configuration directory could be loaded, by loading all of it but the state: it works beside a
   * running engine and leaves nothing behind. Code the manifests name is imported.
   *
   * @throws as {@link Engine.fromConfigDir}.
   */
  static async validateConfigDir(configDir: string, options: EngineOptions = {}): Promise<ConfigCheck> {
    const { manifests, warnings, graph, credentials } = await loadConfiguration(configDir, options);
    return {
      warnings,
      files: Object.keys(manifests.file_hashes),
      node_count: graph.nodes.length,
      failed_credentials: credentials.listFailedCredentialIds(),
    };
  }

  /** What in the manifests is odd without being wrong, unknown keys above all. */
  get manifestWarnings(): readonly string[] {
    return [...this.#parts.warnings];
  }

  /** Takes an input through the DAG. What goes wrong on the way is in the result.
   *
   * @throws {EngineError} `INPUT_NOT_JSON`, `START_NODE_INVALID` or `ENGINE_CLOSED`.
   */
  async run(input: unknown, startNodeId?: string, options: RunOptions = {}): Promise<RunResult> {
    const request = this.#jsonOf(input);
    const start = this.#startNode(startNodeId);
    const { signal, mode, metadata } = options;
    const run = runWorkflow(this.#parts, {
      request: {
        request,
        ...(mode === undefined ? {} : { mode }),
        ...(metadata === undefined ? {} : { metadata: this.#metadataOf(metadata) }),
      },
      startNodeId: start,
      signal: this.#endOf(signal),
    });
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  /**
   * Runs inputs one after another; none of them stops the rest. A caller's mistake is found before the first runs. Once
   * aborted or closed no more begin: there are results of those that did.
   */
  async runMultiple(
    inputs: readonly unknown[],
    startNodeId?: string,
    options: RunOptions = {},
  ): Promise<readonly RunResult[]> {
    for (const input of inputs) this.#jsonOf(input);
    this.#startNode(startNodeId);
    const results: RunResult[] = [];
    for (const input of inputs) {
      if (this.#endOf(options.signal).aborted) break;
      results.push(await this.run(input, startNodeId, options));
    }
    return results;
  }

  /**
   * Puts an input in the queue and gives the queue's id for it.
   *
   * @throws {EngineError} as {@link Engine.run}, and `QUEUE_FULL` or `QUEUE_DISABLED`.
   */
  enqueue(input: unknown, startNodeId?: string): string {
    const request = this.#jsonOf(input);
    const start = startNodeId === undefined ? null : this.#startNode(startNodeId);
    const result = this.#parts.queue.enqueue({ input: request, startNodeId: start });
    if (result.kind === 'queued') return result.task_id;
    throw new EngineError(result.kind === 'full' ? 'QUEUE_FULL' : 'QUEUE_DISABLED', result.message);
  }

  /**
   * Runs what is in the queue, as many at once as `max_concurrency` says; results in the order the runs began. Once
   * aborted or closed no more begin: what waits stays in the queue.
   */
  async runQueued({ signal, onResult }: QueueOptions = {}): Promise<readonly QueueResult[]> {
    this.#refuseWhenClosed();
    const { queue, clock } = this.#parts;
    const run = (input: JsonValue, startNodeId: string | null) =>
      this.run(input, startNodeId ?? undefined, signal === undefined ? {} : { signal });
    return await runQueued({ queue, run, clock, signal: this.#endOf(signal), onResult });
  }

  getScheduler(): TaskQueue {
    return this.#parts.queue;
  }

  getQueueStatus(): QueueStatus {
    return this.#parts.queue.getStatus();
  }

  getTask(taskId: string): TaskView | null {
    return this.#parts.tasks.view(taskId) ?? null;
  }

  getAllTaskIds(): readonly string[] {
    return this.#parts.tasks.getAllTasks().map(({ task_id }) => task_id);
  }

  getTaskSummary(taskId: string) {
    return this.createInspector().getTaskSummary(taskId);
  }

  getTasksByStatus(status: Status): readonly TaskView[] {
    return this.#parts.tasks.getTasksByStatus(status).flatMap(({ task_id }) => this.getTask(task_id) ?? []);
  }

  getTaskCount(): number {
    return this.#parts.tasks.getTaskCount();
  }

  /** Forgets completed tasks and says how many; what is stored stays. */
  clearCompletedTasks(): number {
    return this.#parts.tasks.clearCompletedTasks();
  }

  /** Forgets the tasks of every run that ended, however it ended, and says how many; what is stored stays. */
  clearConcludedTasks(): number {
    return this.#parts.tasks.clearConcludedTasks();
  }

  /** Tasks that have been written to the state folder. */
  getCheckpoints(): CheckpointStore {
    return new CheckpointStore({ ...this.#parts });
  }

  /** Every event kept, run by run; the first stream is about no run. */
  getEvents(): readonly EngineEvent[] {
    return this.#parts.streams.events();
  }

  /** Events of a category (`tool`) or of a name (`tool_failed`). */
  getEventsByType(categoryOrName: string): readonly EngineEvent[] {
    return this.#parts.streams.byType(categoryOrName);
  }

  getEventsByTask(taskId: string): readonly EngineEvent[] {
    return this.#parts.streams.byTask(taskId);
  }

  clearEvents(): void {
    this.#parts.streams.clear();
  }

  getPluginRegistry(): PluginRegistry {
    return this.#parts.plugins;
  }

  getArtifactStore(): ArtifactStore {
    return this.#parts.artifacts;
  }

  getMetadata(): EngineMetadata {
    return this.#parts.metadata;
  }

  getMetrics(): readonly MetricSample[] {
    return this.#parts.metrics.getSamples();
  }

  getMetricsCollector(): MetricsCollector {
    return this.#parts.metrics;
  }

  getMemoryStore(name: StoreName): MemoryStore {
    return this.#parts.stores[name];
  }

  /**
   * What a task remembers, while there is such a task.
   *
   * @throws {EngineError} `ID_UNKNOWN`.
   */
  getTaskMemory(taskId: string): TaskMemory {
    const task = this.#parts.tasks.getTask(taskId);
    if (task !== undefined) return createTaskMemory({ ...this.#memoryPorts(), owner: ownerOf(task) });
    const asked = this.#parts.redact(taskId);
    throw new EngineError('ID_UNKNOWN', `task "${asked}" not found`, { details: { task_id: asked } });
  }

  /** What the tasks of a project remember together. Default: the project of runs that name none. */
  getProjectMemory(projectId = DEFAULT_PROJECT): ProjectMemory {
    return createProjectMemory({
      ...this.#memoryPorts(),
      owner: { task_id: null, project_id: projectId },
    });
  }

  /** What every task remembers. */
  getGlobalMemory(): GlobalMemory {
    return createGlobalMemory({
      ...this.#memoryPorts(),
      owner: { task_id: null, project_id: DEFAULT_PROJECT },
    });
  }

  getCredentialProvider(): CredentialProvider {
    return this.#parts.credentials;
  }

  /** The suites of `evaluations.yaml`. */
  loadEvaluations(): readonly EvaluationSuite[] {
    return this.#parts.manifests.suites;
  }

  createEvaluator(): Evaluator {
    const { clock, events, artifacts, schemas, graph, redact } = this.#parts;
    return new Evaluator({
      run: (input, startNodeId, signal) =>
        this.run(input, startNodeId ?? undefined, signal === undefined ? {} : { signal }),
      clock,
      events,
      artifacts,
      redact,
      checkSchema: (schema, value) =>
        schemas.check(schema, value).map(({ path, message }) => ({ message: `${path} ${message}`.trim() })),
      outputSchemaOf: (nodeId) => graph.node(nodeId).outputs_schema_id,
      resolveCustom: (entrypoint) => this.#loadAssertion(entrypoint),
    });
  }

  createInspector(): Inspector {
    const { tasks, artifacts, streams } = this.#parts;
    return new Inspector({ tasks, artifacts, events: streams });
  }

  /** A conversation under the profiles of `cli_profiles.yaml`. */
  async createRepl(options: ReplOptions): Promise<Repl> {
    const engine: ReplEngine = {
      run: (input, startNodeId, runOptions) => this.run(input, startNodeId, runOptions),
      getEvents: () => this.getEvents(),
      artifactsOfTask: (taskId) => this.#parts.artifacts.byTask(taskId),
      enqueue: (input, startNodeId) => this.enqueue(input, startNodeId),
      runQueued: (runOptions) => this.runQueued(runOptions),
      queuedTasks: () => Object.values(this.getQueueStatus().tasks),
    };
    return await openRepl(this.#parts, engine, options);
  }

  /**
   * Ends the runs there are, then plugins and stores. Closing twice is closing once.
   *
   * @throws {AggregateError} of what could not be closed; everything else is.
   */
  async close(): Promise<void> {
    await (this.#closing ??= this.#end());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end(): Promise<void> {
    this.#abort.abort();
    await Promise.allSettled(this.#running);
    const { stores, artifactRows } = this.#parts;
    await closePlugins(this.#parts);
    const closed = await Promise.allSettled([
      ...Object.values(stores).map(async (store) => store.close()),
      (async () => artifactRows.close())(),
    ]);
    const failures = closed.flatMap((each): unknown[] => (each.status === 'rejected' ? [each.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, 'the engine could not be closed completely');
  }

  #memoryPorts() {
    return memoryPorts(this.#parts, new MemoryWriter(this.#parts));
  }

  #refuseWhenClosed(): void {
    if (this.#abort.signal.aborted) throw new EngineError('ENGINE_CLOSED', 'the engine is closed');
  }

  /** Aborts with the caller's signal and when the engine is closed. */
  #endOf(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal]);
  }

  #jsonOf(input: unknown): JsonValue {
    this.#refuseWhenClosed();
    const copied = copyJson(input);
    if (copied.ok) return copied.value;
    const path = this.#parts.redact(copied.path);
    const message = `Input must be JSON-serializable: ${path} ${copied.reason}`;
    throw new EngineError('INPUT_NOT_JSON', message, { details: { path } });
  }

  #metadataOf(metadata: NonNullable<RunOptions['metadata']>): JsonObject {
    const copied = this.#jsonOf(metadata);
    if (isJsonObject(copied)) return copied;
    throw new EngineError('INPUT_NOT_JSON', 'metadata must be an object');
  }

  #startNode(nodeId: string | undefined): string {
    const { graph } = this.#parts;
    if (nodeId === undefined) return graph.defaultStart.id;
    if (!graph.has(nodeId)) {
      const asked = this.#parts.redact(nodeId);
      const details = { node_id: asked };
      throw new EngineError('START_NODE_INVALID', `start node "${asked}" not found`, { details });
    }
    const { role } = graph.node(nodeId);
    if (role === 'start') return nodeId;
    throw new EngineError('START_NODE_INVALID', `node "${nodeId}" has the role ${role}, not start`, {
      details: { node_id: nodeId },
    });
  }

  async #loadAssertion(entrypoint: string): Promise<CustomAssertion> {
    const { assertions } = this.#parts.options;
    const loaded = await loadFunction<CustomAssertion>(entrypoint, assertions, this.#parts);
    if (loaded.ok) return loaded.value;
    throw new EngineError('ID_UNKNOWN', loaded.failure.message, { details: { entrypoint } });
  }
}
