import { AgentReportSchema, type Secret } from '@agentswarm/core';
import type * as PiModule from '@earendil-works/pi-coding-agent';
import type {
  AgentSession,
  AgentSessionEvent,
  CreateAgentSessionOptions,
  CreateModelRuntimeOptions,
  ResourceLoader,
  ToolDefinition,
} from '@earendil-works/pi-coding-agent';
import type { AgentDriver, AgentModel, AgentOutcome, AgentRun } from './agent-driver.ts';
import { WorkerError } from './errors.ts';

type Pi = typeof PiModule;
type CredentialStore = NonNullable<CreateModelRuntimeOptions['credentials']>;
type Credential = Awaited<ReturnType<CredentialStore['read']>>;

const PROVIDER = 'agentswarm';
const TOOLS = ['read', 'bash', 'edit', 'write', 'submit_handoff'];
const DEFAULT_COMMAND_TIMEOUT_S = 600;

/**
 * Requests that fail before a response (connection, 408, 409, 429, 5xx) are repeated, honouring Retry-After up to
 * a minute; a turn whose stream broke is repeated too. Compaction is off: it would spend tokens on a conversation
 * of its own that no transcript shows.
 */
const SETTINGS = {
  retry: {
    enabled: true,
    maxRetries: 2,
    baseDelayMs: 1_000,
    provider: { maxRetries: 2, maxRetryDelayMs: 60_000 },
  },
  compaction: { enabled: false },
  cacheWarming: 'off',
  enableInstallTelemetry: false,
  enableAnalytics: false,
  images: { blockImages: true },
} as const;

/**
 * Drives the Pi coding agent in this process: tools read, bash, edit, write and submit_handoff, sessions in memory, no
 * settings, skills, extensions or context files of the user or the project. Pi is loaded when the first run starts.
 */
export function createPiDriver(options: {
  /** A writable directory for Pi's own files. */
  readonly stateDir: string;
}): AgentDriver {
  return {
    async run(run) {
      const pi = await loadPi();
      const session = await openSession(pi, run, options.stateDir);
      try {
        return await converse(session, run);
      } finally {
        session.dispose();
      }
    },
  };
}

async function loadPi(): Promise<Pi> {
  try {
    return await import('@earendil-works/pi-coding-agent');
  } catch (cause) {
    throw new WorkerError('WORKER_AGENT_UNAVAILABLE', 'the Pi coding agent cannot be loaded', { cause });
  }
}

async function openSession(pi: Pi, run: AgentRun, stateDir: string): Promise<AgentSession> {
  const options: CreateAgentSessionOptions = {
    cwd: run.workdir,
    agentDir: stateDir,
    ...(await createModel(pi, run.model)),
    thinkingLevel: 'off',
    tools: TOOLS,
    customTools: [bashTool(pi, run), handoffTool(pi, run)],
    resourceLoader: fixedResources(pi, run.systemPrompt),
    sessionManager: pi.SessionManager.inMemory(run.workdir),
    settingsManager: pi.SettingsManager.inMemory(SETTINGS),
  };
  return (await pi.createAgentSession(options)).session;
}

async function createModel(
  pi: Pi,
  model: AgentModel,
): Promise<Pick<CreateAgentSessionOptions, 'model' | 'modelRuntime'>> {
  const modelRuntime = await pi.ModelRuntime.create({
    credentials: fixedCredential(model.apiKey),
    modelsPath: null,
    refreshOnCreate: false,
  });
  modelRuntime.registerProvider(PROVIDER, {
    api: 'openai-completions',
    baseUrl: model.baseUrl,
    apiKey: 'unused',
    models: [
      {
        id: model.name,
        name: model.name,
        reasoning: false,
        input: ['text'],
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        contextWindow: model.contextWindow,
        maxTokens: model.maxTokens,
        samplingParams: { temperature: model.temperature },
        compat: {
          supportsStore: false,
          supportsDeveloperRole: false,
          supportsReasoningEffort: false,
          supportsStrictMode: false,
          maxTokensField: 'max_tokens',
        },
      },
    ],
  });
  await modelRuntime.getAvailable(PROVIDER);
  const registered = modelRuntime.getModel(PROVIDER, model.name);
  if (registered !== undefined) return { model: registered, modelRuntime };
  throw new WorkerError(
    'WORKER_AGENT_UNAVAILABLE',
    `Pi did not accept the model: ${modelRuntime.getError() ?? 'no reason given'}`,
  );
}

/** Keeps the token in memory: it never becomes a file or a variable, and is never read as a template. */
function fixedCredential(apiKey: Secret): CredentialStore {
  const credential = (): Credential => ({ type: 'api_key', key: apiKey.reveal() });
  const only = (provider: string) => Promise.resolve(provider === PROVIDER ? credential() : undefined);
  return {
    read: only,
    modify: only,
    list: () => Promise.resolve([{ providerId: PROVIDER, type: 'api_key' }]),
    delete: () => Promise.resolve(),
  };
}

function fixedResources(pi: Pi, systemPrompt: string): ResourceLoader {
  return {
    getExtensions: () => ({ extensions: [], errors: [], runtime: pi.createExtensionRuntime() }),
    getSkills: () => ({ skills: [], diagnostics: [] }),
    getPrompts: () => ({ prompts: [], diagnostics: [] }),
    getThemes: () => ({ themes: [], diagnostics: [] }),
    getAgentsFiles: () => ({ agentsFiles: [] }),
    getSystemPrompt: () => systemPrompt,
    getSystemPromptSource: () => undefined,
    getAppendSystemPrompt: () => [],
    getAppendSystemPromptSources: () => [],
    extendResources: () => {},
    reload: () => Promise.resolve(),
  };
}

/** Pi's bash with the given environment only, after the work so far is safe, and never without a time limit. */
function bashTool(pi: Pi, run: AgentRun): ToolDefinition {
  const bash = pi.createBashToolDefinition(run.workdir, {
    exposeSessionEnvironment: false,
    spawnHook: (context) => ({ ...context, env: { ...run.env } }),
  });
  return pi.defineTool({
    ...bash,
    parameters: withTimeoutDescription(bash.parameters),
    executionMode: 'sequential',
    async execute(...[id, { command, timeout }, signal, onUpdate, context]) {
      await run.beforeCommand();
      const limited = { command, timeout: timeout ?? DEFAULT_COMMAND_TIMEOUT_S };
      return bash.execute(id, limited, signal, onUpdate, context);
    },
  });
}

/** The parameters without Pi's remark that there is no default. */
function withTimeoutDescription<T extends { readonly properties: { readonly timeout: object } }>(
  parameters: T,
): T {
  const description = `Timeout in seconds (default ${DEFAULT_COMMAND_TIMEOUT_S})`;
  const timeout = { ...parameters.properties.timeout, description };
  return { ...parameters, properties: { ...parameters.properties, timeout } };
}

function handoffTool(pi: Pi, run: AgentRun): ToolDefinition {
  const { $schema: _dialect, ...parameters } = AgentReportSchema.toJSONSchema({ io: 'input' });
  return pi.defineTool({
    name: 'submit_handoff',
    label: 'submit_handoff',
    description:
      'Hands in your work and ends the session. Call it once, as the last thing, when the task is complete, or when you cannot complete it (partial, blocked).',
    parameters,
    executionMode: 'sequential',
    execute(_id, args: unknown) {
      const verdict = run.submitHandoff(args);
      if (!verdict.accepted) return Promise.reject(new WorkerError('WORKER_REPORT_INVALID', verdict.message));
      const content = [{ type: 'text' as const, text: 'Handoff accepted.' }];
      return Promise.resolve({ content, details: undefined, terminate: true });
    },
  });
}

async function converse(session: AgentSession, run: AgentRun): Promise<AgentOutcome> {
  const stops: Promise<void>[] = [];
  const stop = () => {
    stops.push(session.abort());
  };
  let ended = false;
  const hasHandedIn = () => ended;
  const isOver = () => ended || run.signal.aborted;
  const unsubscribe = session.subscribe((event) => {
    report(event, run);
    if (event.type === 'tool_execution_end' && event.toolName === 'submit_handoff') ended ||= !event.isError;
    // A handoff given together with other calls does not end Pi's loop by itself.
    if (event.type === 'turn_end' && ended) stop();
  });
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    let message: string | undefined = run.prompt;
    while (message !== undefined && !isOver()) {
      run.onEvent({ type: 'user_message', text: message });
      await session.prompt(message, { expandPromptTemplates: false });
      const failure = lastFailure(session);
      if (failure !== undefined && !isOver()) {
        return { status: 'model_failed', message: failure };
      }
      message = isOver() ? undefined : run.followUp();
    }
    return { status: isOver() && !hasHandedIn() ? 'aborted' : 'ended' };
  } finally {
    run.signal.removeEventListener('abort', stop);
    await Promise.all(stops);
    unsubscribe();
  }
}

function lastFailure(session: AgentSession): string | undefined {
  const last = session.messages.findLast((message) => message.role === 'assistant');
  if (last === undefined) return 'the model gave no answer';
  return last.stopReason === 'error'
    ? `the model call failed: ${last.errorMessage ?? 'no reason given'}`
    : undefined;
}

function report(event: AgentSessionEvent, { onEvent }: AgentRun): void {
  if (event.type === 'turn_start') {
    onEvent({ type: 'turn_started' });
  } else if (event.type === 'auto_retry_start') {
    onEvent({ type: 'model_retrying', attempt: event.attempt, message: event.errorMessage });
  } else if (event.type === 'message_end' && event.message.role === 'assistant') {
    const { content, stopReason, model, responseModel } = event.message;
    if (stopReason === 'error' || stopReason === 'aborted') return;
    onEvent({ type: 'assistant_message', text: textOf(content), model: responseModel ?? model });
  } else if (event.type === 'tool_execution_start') {
    const { toolCallId: id, toolName: tool } = event;
    onEvent({ type: 'tool_started', id, tool, arguments: event.args as unknown });
  } else if (event.type === 'tool_execution_end') {
    const { toolCallId: id, toolName: tool, isError } = event;
    const { content } = event.result as { readonly content: readonly Block[] };
    onEvent({ type: 'tool_finished', id, tool, text: textOf(content), isError });
  }
}

interface Block {
  readonly type: string;
  readonly text?: string;
}

function textOf(content: readonly Block[]): string {
  return content
    .filter((block) => block.type === 'text')
    .map((block) => block.text ?? '')
    .join('\n');
}
