import type { AttemptId, Clock, Logger, ModelCalledEvent, ModelRole, TaskId } from '@agentswarm/core';
import type { z } from 'zod';
import type { LlmEndpoint } from '../endpoint/endpoint.ts';
import type { TokenUsage } from '../endpoint/token-usage.ts';

/** One message of a conversation. */
export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** The task and attempt a call is made for; copied into its event. */
export interface CallAttribution {
  readonly taskId?: TaskId;
  readonly attemptId?: AttemptId;
}

export interface CompletionRequest {
  /** Selects the model and is written into the call's event. */
  readonly role: ModelRole;
  readonly messages: readonly ChatMessage[];
  /** Most tokens of the answer; default the client's. */
  readonly maxTokens?: number;
  /** Default the client's. */
  readonly temperature?: number;
  /** Nucleus sampling; default the server's. */
  readonly topP?: number;
  /** Aborts the request in flight and any wait before a retry; the call rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  readonly attribution?: CallAttribution;
}

export interface Completion {
  /** The answer as it came, think blocks included. */
  readonly text: string;
  readonly usage: TokenUsage;
  /** The model as the server named it. */
  readonly model: string;
  /** Why the model stopped, as the server said it: `stop`, or `length` when `maxTokens` cut the answer. */
  readonly finishReason: string;
}

export interface JsonCompletionRequest<T> extends CompletionRequest {
  readonly schema: z.ZodType<T>;
}

export interface JsonCompletion<T> {
  readonly value: T;
  /** Of both calls when a repair was needed. */
  readonly usage: TokenUsage;
  readonly model: string;
}

export interface LlmClientOptions {
  /** Exactly one for now. */
  readonly endpoints: readonly LlmEndpoint[];
  /** Model per role; a role without one uses the endpoint's. */
  readonly models?: Partial<Record<ModelRole, string>>;
  readonly maxTokens: number;
  readonly temperature: number;
  /** Bounds one HTTP request, the answer's last byte included. Not a bound over retries. */
  readonly timeoutMs: number;
  /**
   * Hears of every HTTP request after it ended, failed and retried ones too.
   * Contract: synchronous; when it throws, the call rejects with that.
   */
  readonly onCall?: (event: ModelCalledEvent) => void;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Asks a model. Holds no resource that must be released. */
export interface LlmClient {
  /**
   * Gives the answer to a conversation, after up to three tries for 429, 5xx and broken connections.
   *
   * @throws {LlmError} ENDPOINT_UNREACHABLE, AUTH_REJECTED, MODEL_UNKNOWN, REQUEST_REJECTED, RATE_LIMITED,
   * SERVER_ERROR, ANSWER_CUT, TIMED_OUT, or INVALID_ANSWER when the body is no chat completion.
   */
  complete(request: CompletionRequest): Promise<Completion>;
  /**
   * Gives the answer's JSON, checked by `schema`. An answer without acceptable JSON is sent back once with
   * the problem.
   *
   * @throws {LlmError} what {@link LlmClient.complete} throws; INVALID_ANSWER with both problems when the
   * second answer is not acceptable either.
   */
  completeJson<T>(request: JsonCompletionRequest<T>): Promise<JsonCompletion<T>>;
}
