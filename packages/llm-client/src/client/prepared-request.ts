import type { ModelRole } from '@agentswarm/core';
import type { ChatMessage, ToolDefinition } from '../messages/chat-message.ts';
import { conversationKey } from '../routing/conversation-key.ts';
import type { CallAttribution, CompletionRequest, LlmClientOptions, RoleModels } from './llm-client.ts';
import type { AnswerSchema } from './structured-mode.ts';

/** A request with every default filled in. */
export interface PreparedRequest {
  readonly role: ModelRole;
  readonly messages: readonly ChatMessage[];
  readonly tools: readonly ToolDefinition[];
  /** In order of preference; empty: each endpoint's own. */
  readonly models: readonly string[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number | undefined;
  readonly thinking: boolean | undefined;
  readonly answerSchema: AnswerSchema | undefined;
  readonly conversation: string;
  readonly attribution: CallAttribution;
  readonly signal: AbortSignal | undefined;
}

export function prepareRequest(
  request: CompletionRequest,
  defaults: Pick<LlmClientOptions, 'models' | 'maxTokens' | 'temperature'>,
  answerSchema?: AnswerSchema,
): PreparedRequest {
  return {
    role: request.role,
    messages: request.messages,
    tools: request.tools ?? [],
    models: modelsOfRole(defaults.models, request.role),
    maxTokens: request.maxTokens ?? defaults.maxTokens,
    temperature: request.temperature ?? defaults.temperature,
    topP: request.topP,
    thinking: request.thinking,
    answerSchema,
    conversation: request.conversation ?? conversationKey(request.messages),
    attribution: request.attribution ?? {},
    signal: request.signal,
  };
}

/** The models a role may use, the preferred first. */
export function modelsOfRole(models: RoleModels | undefined, role: ModelRole): readonly string[] {
  const preference = models?.[role];
  if (preference === undefined) return [];
  if (typeof preference === 'string') return [preference];
  return [...new Set([...preference.prefer, ...(preference.fallback ?? [])])];
}
