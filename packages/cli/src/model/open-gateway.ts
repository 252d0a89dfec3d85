import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelRoleSchema, type ModelCalledEvent, type ModelRole } from '@agentswarm/core';
import { createGateway, type Grant, type TcpAddress } from '@agentswarm/llm-client';
import type { ExchangeRecorder } from '@agentswarm/llm-client/cassette';
import { rentedServers } from '@agentswarm/orchestrator';
import { CliError } from '../errors.ts';
import { createLocalServers } from '../servers/local-servers.ts';
import { modelsFor, type ModelFlags, type ModelSettings } from './model-settings.ts';
import { openModelBudget } from './open-model-budget.ts';

export interface GatewayRequest {
  readonly role: ModelRole;
  readonly tcp: TcpAddress;
  readonly onCall: (event: ModelCalledEvent) => void;
  readonly recorder?: ExchangeRecorder;
}

/** A gateway with one token, and where programs find it. Disposing it ends the gateway and removes its socket. */
export interface OpenGateway extends AsyncDisposable {
  readonly url: string;
  readonly grant: Grant;
  /** Aborted with the reason when the rent of servers no longer fits into the budget. */
  readonly exhausted: AbortSignal;
}

/** Opens a gateway to the configured endpoints, within the bounds of the configuration. */
export async function openGateway(
  settings: ModelSettings,
  flags: ModelFlags,
  request: GatewayRequest,
): Promise<OpenGateway> {
  const { config, catalog, notes, logger } = settings;
  const { role, tcp, onCall, recorder } = request;
  await using opened = new AsyncDisposableStack();
  const budget = opened.use(await openModelBudget(settings));
  const { endpoints } = opened.use(await createLocalServers(settings));
  const exhausted = new AbortController();
  const onExhausted = (error: unknown) => exhausted.abort(error);
  for (const rent of rentedServers(endpoints)) opened.use(await budget.meter({ ...rent, onExhausted }));
  const socketDir = await mkdtemp(join(tmpdir(), 'agentswarm-'));
  opened.defer(() => rm(socketDir, { recursive: true, force: true }));
  const gateway = opened.use(
    await createGateway({
      endpoints,
      models: modelsFor(role, settings, flags),
      catalog,
      notes,
      budget,
      logger,
      socketDir,
      tcp,
      onCall,
      requestTimeoutMs: config.llmTimeoutMs,
      ...(recorder === undefined ? {} : { recorder }),
    }),
  );
  const grant = gateway.grant({ role });
  const { url } = gateway;
  if (url === undefined) throw new CliError('CLI_COMMAND_FAILED', 'the gateway listens on no port');
  const owned = opened.move();
  return { url, grant, exhausted: exhausted.signal, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** @throws {CliError} CLI_USAGE naming the roles there are. */
export function parseRole(text: string): ModelRole {
  const parsed = ModelRoleSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  const roles = ModelRoleSchema.options.join(', ');
  throw new CliError('CLI_USAGE', `--role must be one of ${roles}, not "${text}"`);
}

/** Lines for a shell: whatever speaks to OpenAI finds the gateway by them. */
export function exportLines({ url, grant }: OpenGateway): string[] {
  return [`export OPENAI_BASE_URL=${url}`, `export OPENAI_API_KEY=${grant.token.reveal()}`];
}
