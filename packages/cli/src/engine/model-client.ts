import type { JsonObject, JsonValue, LlmClient } from '@agentswarm/dag-engine/engine';
import { createLlmClient, type ChatMessage, type LlmEndpoint } from '@agentswarm/llm-client';
import { CliError } from '../errors.ts';
import type { ModelAccess } from './model-access.ts';

/** What an agent may set of a request; the rest of its `config` is not sent. */
const SETTINGS: readonly string[] = [
  'temperature',
  'top_p',
  'max_tokens',
  'timeout',
  'system_prompt',
  'credential',
];

/** Model that stands for the endpoint's own. */
const OWN_MODEL = 'default';

/** What calls are made with, and what holds where an agent sets nothing. */
export interface ModelDefaults {
  readonly access: Pick<ModelAccess, 'ask' | 'budget' | 'catalog'>;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly timeoutMs: number;
}

/**
 * Asks an endpoint what an agent of the engine asks.
 *
 * @throws {CliError} CLI_AGENT_SETTING when a setting that is sent has the wrong type.
 */
export function createModelClient(
  endpoint: LlmEndpoint,
  settings: JsonObject,
  defaults: ModelDefaults,
): LlmClient {
  const { budget, catalog } = defaults.access;
  const timeoutS = numberOf(settings, 'timeout');
  const options = {
    maxTokens: numberOf(settings, 'max_tokens') ?? defaults.maxTokens,
    temperature: numberOf(settings, 'temperature') ?? defaults.temperature,
    timeoutMs: timeoutS === undefined ? defaults.timeoutMs : timeoutS * 1000,
  };
  const topP = numberOf(settings, 'top_p');
  const sampling = topP === undefined ? {} : { topP };
  return {
    async generate({ system, prompt, model: asked, signal }) {
      const model = asked === OWN_MODEL ? endpoint.model : asked;
      const llm = createLlmClient({ ...options, endpoints: [{ ...endpoint, model }], budget, catalog });
      const messages: ChatMessage[] = [
        ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
        { role: 'user', content: prompt },
      ];
      const { text, finishReason } = await defaults.access.ask(() =>
        llm.complete({ role: 'worker', messages, ...sampling, signal }),
      );
      if (finishReason !== 'length') return text;
      throw new CliError('CLI_ANSWER_CUT', `the answer of ${model} was cut at ${options.maxTokens} tokens`);
    },
  };
}

/** Settings of an agent that no request carries. */
export function selectUnsentSettings(settings: JsonObject): string[] {
  return Object.keys(settings).filter((name) => !SETTINGS.includes(name));
}

function numberOf(settings: JsonObject, name: string): number | undefined {
  const value: JsonValue | undefined = settings[name];
  if (value === undefined || typeof value === 'number') return value;
  throw new CliError('CLI_AGENT_SETTING', `the agent setting ${name} must be a number`);
}
