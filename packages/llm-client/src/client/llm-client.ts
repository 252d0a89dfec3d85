import type { AttemptId, Clock, Logger, ModelCalledEvent, ModelRole, TaskId } from '@agentswarm/core';
import type { z } from 'zod';
import type { ExchangeRecorder } from '../cassette/exchange-recorder.ts';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { TokenUsage } from '../endpoint/token-usage.ts';
import type { ChatMessage, ToolCall, ToolDefinition } from '../messages/chat-message.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import type { ModelNotes } from '../models/model-notes.ts';
import type { ModelPreference } from '../models/select-model.ts';
import type { Budget } from '../money/budget.ts';
import type { Router } from '../routing/router.ts';

/** The task and attempt a call is made for; copied into its event. */
export interface CallAttribution {
  readonly taskId?: TaskId;
  readonly attemptId?: AttemptId;
}

export interface CompletionRequest {
  /** Selects model and endpoints, and is written into the call's event. */
  readonly role: ModelRole;
  readonly messages: readonly ChatMessage[];
  /** Tools the model may call; calls it writes into its text are recognised. */
  readonly tools?: readonly ToolDefinition[];
  /** Most tokens of the answer; default the client's. */
  readonly maxTokens?: number;
  /** Default the client's. */
  readonly temperature?: number;
  /** Nucleus sampling; default the server's. */
  readonly topP?: number;
  /** Lets a model that can do both think before it answers, or not; default the model's. */
  readonly thinking?: boolean;
  /** Calls of one name prefer one endpoint; default: the system prompt and first user message. */
  readonly conversation?: string;
  /** Aborts the request in flight and any wait; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly attribution?: CallAttribution;
}

export interface Completion {
  /** The answer without think blocks and tool calls. */
  readonly text: string;
  /** What the model thought aloud; empty when it did not. */
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: TokenUsage;
  /** Name of the endpoint that answered. */
  readonly endpoint: string;
  /** The model as the server named it. */
  readonly model: string;
  /** Why the model stopped, as the server said it: `stop`, `tool_calls`, or `length` when `maxTokens` cut the answer. */
  readonly finishReason: string;
}

/** A piece of an answer on its way. Tool calls come whole; `end` comes last, once. */
export type StreamPart =
  | { readonly type: 'text' | 'reasoning'; readonly text: string }
  | { readonly type: 'tool_call'; readonly call: ToolCall }
  | { readonly type: 'end'; readonly completion: Completion };

export interface JsonCompletionRequest<T> extends Omit<CompletionRequest, 'tools'> {
  readonly schema: z.ZodType<T>;
}

export interface JsonCompletion<T> {
  readonly value: T;
  /** Of both calls when a repair was needed. */
  readonly usage: TokenUsage;
  readonly model: string;
}

/** Models by role; a role without one uses the endpoint's own. */
export type RoleModels = Partial<Record<ModelRole, string | ModelPreference>>;

/** Give `endpoints`, or a `router` that is shared with a gateway or other clients. */
export interface LlmClientOptions {
  /** At least one; not read when there is a `router`. */
  readonly endpoints?: readonly LlmEndpoint[];
  readonly router?: Router;
  readonly models?: RoleModels;
  readonly maxTokens: number;
  readonly temperature: number;
  /** Bounds one HTTP request, the answer's last byte included; of a stream, each wait for its next bytes. */
  readonly timeoutMs: number;
  /**
   * Hears of every HTTP request after it ended, failed and retried ones too.
   * Contract: synchronous; when it throws, the call rejects with that.
   */
  readonly onCall?: (event: ModelCalledEvent) => void;
  /** What models can do and cost; default the catalogue of the package. */
  readonly catalog?: ModelCatalog;
  /** What people noted, by model: models a role names are left out or moved to the front by it. */
  readonly notes?: ReadonlyMap<string, ModelNotes>;
  /** Every request reserves what it can cost before it is sent. */
  readonly budget?: Budget;
  /** Hears every exchange with an endpoint. */
  readonly recorder?: ExchangeRecorder;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Asks a model. Holds no resource that must be released. */
export interface LlmClient {
  /**
   * Gives the answer to a conversation. A request that fails for a passing reason (429, 5xx, broken connection,
   * silence, spent credit) is made again at the next endpoint, then up to two more rounds with growing waits.
   *
   * @throws {LlmError} ENDPOINT_UNREACHABLE, AUTH_REJECTED, MODEL_UNKNOWN, REQUEST_REJECTED, RATE_LIMITED,
   * SERVER_ERROR, ANSWER_CUT, TIMED_OUT; INVALID_ANSWER when the body is no chat completion; MODEL_CRASHED when a
   * server ran out of memory; MODEL_WAIT when a local server must be started by somebody; NO_ENDPOINT_FOR_MODEL;
   * BUDGET_EXHAUSTED, PRICE_UNKNOWN.
   */
  complete(request: CompletionRequest): Promise<Completion>;
  /**
   * Gives the answer as it comes. Fails over like {@link LlmClient.complete} until the first part was given; from
   * then on a failure is thrown. Leaving the loop early ends the request.
   *
   * @throws {LlmError} what {@link LlmClient.complete} throws.
   */
  stream(request: CompletionRequest): AsyncGenerator<StreamPart, void, undefined>;
  /**
   * Gives the answer's JSON, checked by `schema`. The schema goes along as the server understands it: as response
   * format, as a tool, or in words; which of them is found out once. An answer without acceptable JSON is sent
   * back once with the problem.
   *
   * @throws {LlmError} what {@link LlmClient.complete} throws; INVALID_ANSWER with both problems when the
   * second answer is not acceptable either.
   */
  completeJson<T>(request: JsonCompletionRequest<T>): Promise<JsonCompletion<T>>;
}
