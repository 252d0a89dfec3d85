import type { ModelRole } from '@agentswarm/core';
import type { ChatMessage, ToolDefinition } from '../messages/chat-message.ts';
import { chooseModels } from '../models/choose-models.ts';
import type { ModelPreference } from '../models/select-model.ts';
import { conversationKey } from '../routing/conversation-key.ts';
import type { CallAttribution, CompletionRequest, LlmClientOptions, RoleModels } from './llm-client.ts';
import { promptTokens } from './prompt-chars.ts';
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
  defaults: Pick<LlmClientOptions, 'models' | 'notes' | 'maxTokens' | 'temperature'>,
  answerSchema?: AnswerSchema,
): PreparedRequest {
  const { tools = [], maxTokens = defaults.maxTokens } = request;
  return {
    role: request.role,
    messages: request.messages,
    tools,
    models: chooseModels({
      role: request.role,
      preference: preferenceOf(defaults.models, request.role),
      notes: defaults.notes,
      promptTokens: promptTokens({ messages: request.messages, tools, answerSchema }),
      wantsJson: answerSchema !== undefined,
      expectedOutputTokens: maxTokens,
    }),
    maxTokens,
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
export function preferenceOf(models: RoleModels | undefined, role: ModelRole): ModelPreference {
  const preference = models?.[role] ?? { prefer: [] };
  return typeof preference === 'string' ? { prefer: [preference] } : preference;
}
