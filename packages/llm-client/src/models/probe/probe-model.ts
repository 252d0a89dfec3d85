import { systemClock, type Clock, type ModelCalledEvent, type ModelRole } from '@agentswarm/core';
import type { LlmEndpoint } from '../../endpoint/endpoint.ts';
import { createOpenAiSdk } from '../../endpoint/open-ai-sdk.ts';
import type { ModelCatalog } from '../model-catalog.ts';
import type { ModelEntry } from '../model-entry.ts';
import { askOnce, askStreaming, type ProbeMessage, type ProbeStream } from './probe-chat.ts';
import { findContextWindow, type FoundWindow } from './probe-context-window.ts';
import {
  JSON_PARAMETERS,
  JSON_QUESTION,
  STREAM_QUESTION,
  TOOL_PARAMETERS,
  TOOL_QUESTION,
} from './probe-questions.ts';
import type { ProbeOutcome, Prober } from './prober.ts';
import { judgeStream, judgeStructured, judgeThinking, judgeTools } from './judge-answers.ts';

export interface ProbeModelOptions {
  /** Tells how thinking is switched, which no server says. */
  readonly catalog: ModelCatalog;
  readonly signal?: AbortSignal;
  /** Of each request. Default 60 seconds. */
  readonly timeoutMs?: number;
  /** Hears of each of the three completions. Contract: synchronous; when it throws, the probe rejects with that. */
  readonly onCall?: (event: ModelCalledEvent) => void;
  /** Written into the events; default `worker`. */
  readonly role?: ModelRole;
  readonly clock?: Clock;
}

/** What made the probe believe a fact. */
export interface ProbeEvidence {
  readonly fact: 'contextWindow' | 'toolCalls' | 'thinking' | 'structured' | 'usage' | 'streaming';
  readonly seen: string;
}

/** An entry for a model file, and what it rests on. */
export interface ModelProbe {
  /** Without `contextWindow` where neither the server nor the catalogue knows it. */
  readonly entry: Omit<ModelEntry, 'contextWindow'> & Partial<Pick<ModelEntry, 'contextWindow'>>;
  readonly usageReported: boolean;
  readonly streaming: boolean;
  readonly evidence: readonly ProbeEvidence[];
}

const TIMEOUT_MS = 60_000;

/**
 * Finds out what the endpoint's model can do there: up to three questions about its window, then three small
 * completions (a tool, a JSON schema, a stream). Nothing is retried.
 *
 * @throws {LlmError} ENDPOINT_UNREACHABLE, AUTH_REJECTED, MODEL_UNKNOWN, TIMED_OUT and the like; what the server answered
 * to the first completion when it refuses all three.
 */
export async function probeModel(endpoint: LlmEndpoint, options: ProbeModelOptions): Promise<ModelProbe> {
  const { catalog, signal, timeoutMs = TIMEOUT_MS, onCall = () => {} } = options;
  const { role = 'worker', clock = systemClock } = options;
  const sdk = createOpenAiSdk(endpoint, timeoutMs);
  const known = catalog.find(endpoint.model);
  const { maxTokensParameter = 'max_tokens' } = known ?? {};
  const observations = await observe({ endpoint, sdk, clock, maxTokensParameter, role, onCall, signal });
  return describe(endpoint, observations, known);
}

interface Observations {
  readonly window: FoundWindow | undefined;
  readonly withTool: ProbeOutcome<ProbeMessage>;
  readonly withSchema: ProbeOutcome<ProbeMessage>;
  readonly streamed: ProbeOutcome<ProbeStream>;
}

async function observe(prober: Prober): Promise<Observations> {
  const window = await findContextWindow(prober);
  const withTool = await askOnce(prober, TOOL_QUESTION, TOOL_PARAMETERS);
  const withSchema = await askOnce(prober, JSON_QUESTION, JSON_PARAMETERS);
  const streamed = await askStreaming(prober, STREAM_QUESTION);
  const refusals = [withTool, withSchema, streamed].filter((outcome) => outcome.kind === 'refused');
  if (refusals.length === 3 && refusals[0] !== undefined) throw refusals[0].error;
  return { window, withTool, withSchema, streamed };
}

function describe(
  endpoint: LlmEndpoint,
  observations: Observations,
  known: ModelEntry | undefined,
): ModelProbe {
  const { window, withTool, withSchema, streamed } = observations;
  const tools = judgeTools(withTool);
  const thinking = judgeThinking([withTool, withSchema].flatMap(answerOf), known?.thinking);
  const structured = judgeStructured(withSchema, tools.value.toolCalls);
  const usageReported = [withTool, withSchema].some(hasUsage);
  const stream = judgeStream(streamed);
  return {
    entry: {
      ...carriedOver(known),
      model: endpoint.model,
      ...(window === undefined ? {} : { contextWindow: window.tokens }),
      ...tools.value,
      thinking: thinking.value,
      structured: structured.value,
      source: `probe of endpoint ${endpoint.name}`,
    },
    usageReported,
    streaming: stream.value,
    evidence: [
      { fact: 'contextWindow', seen: window?.from ?? known?.source ?? 'nothing' },
      { fact: 'toolCalls', seen: tools.seen },
      { fact: 'thinking', seen: thinking.seen },
      { fact: 'structured', seen: structured.seen },
      { fact: 'usage', seen: usageReported ? 'usage in an answer' : 'no usable usage' },
      { fact: 'streaming', seen: stream.seen },
    ],
  };
}

function answerOf(outcome: ProbeOutcome<ProbeMessage>): readonly ProbeMessage[] {
  return outcome.kind === 'answered' ? [outcome.answer] : [];
}

function hasUsage(outcome: ProbeOutcome<unknown>): boolean {
  return outcome.kind === 'answered' && !outcome.usage.estimated;
}

/** What a probe cannot see stays as it was known. */
function carriedOver(known: ModelEntry | undefined): Partial<ModelEntry> {
  if (known === undefined) return {};
  const { toolCalls: _calls, textToolFormat: _format, ...rest } = known;
  return rest;
}
