import { createRedactor, toSwarmError } from '@agentswarm/core';
import {
  priceAt,
  probeEndpoint,
  type LlmEndpoint,
  type ModelEntry,
  type Price,
} from '@agentswarm/llm-client';
import type { ModelSettings } from './model-settings.ts';

const TIMEOUT_MS = 10_000;

export interface SurveyedModel {
  readonly name: string;
  /** Requests that name no model go to this one. */
  readonly isDefault: boolean;
  /** What the catalogue knows; absent: nothing. */
  readonly entry?: ModelEntry;
  /** The endpoint's, else that of the catalogue; absent: unknown. */
  readonly price?: Price;
}

/** A configured endpoint as it is now. */
export interface SurveyedEndpoint {
  readonly name: string;
  readonly url: string;
  readonly tier: number;
  readonly isUp: boolean;
  /** What is wrong: it is out, or it does not offer the configured model. */
  readonly problem?: string;
  readonly models: readonly SurveyedModel[];
}

/** Asks every configured endpoint for its models. */
export async function surveyEndpoints(
  settings: ModelSettings,
  signal: AbortSignal,
): Promise<SurveyedEndpoint[]> {
  const redact = createRedactor(settings.secrets);
  return await Promise.all(
    settings.endpoints.map(async (endpoint) => {
      const { offered, problem } = await askForModels(endpoint, signal);
      return {
        name: endpoint.name,
        url: endpoint.baseUrl,
        tier: endpoint.tier ?? 0,
        isUp: offered !== undefined,
        ...(problem === undefined ? {} : { problem: redact(problem) }),
        models: (offered ?? []).map((name) => describeModel(name, endpoint, settings)),
      };
    }),
  );
}

async function askForModels(
  endpoint: LlmEndpoint,
  signal: AbortSignal,
): Promise<{ readonly offered?: readonly string[]; readonly problem?: string }> {
  try {
    return { offered: (await probeEndpoint(endpoint, { signal, timeoutMs: TIMEOUT_MS })).models };
  } catch (thrown) {
    signal.throwIfAborted();
    const { code, details, message } = toSwarmError(thrown);
    const offered: unknown = details['offered'];
    // It answers; only what was configured is not there.
    if (code === 'MODEL_UNKNOWN' && Array.isArray(offered)) {
      return { offered: offered.map(String), problem: `does not offer ${endpoint.model}` };
    }
    return { problem: message };
  }
}

function describeModel(name: string, endpoint: LlmEndpoint, { catalog }: ModelSettings): SurveyedModel {
  const entry = catalog.find(name);
  const price = priceAt(endpoint, name, catalog);
  return {
    name,
    isDefault: name === endpoint.model,
    ...(entry === undefined ? {} : { entry }),
    ...(price === undefined ? {} : { price }),
  };
}
