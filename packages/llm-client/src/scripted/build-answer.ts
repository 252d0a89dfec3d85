import type { Answer } from '../player/completion-body.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';
import type { Reply } from './script-schema.ts';

export interface ScriptedAnswer extends Answer {
  readonly usage: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly total_tokens: number;
  };
}

export function buildAnswer(
  reply: Reply,
  request: {
    readonly id: string;
    readonly createdSeconds: number;
    readonly model: string;
    readonly promptText: string;
    readonly messageCount: number;
  },
): ScriptedAnswer {
  const text = reply.json === undefined ? reply.text : JSON.stringify(reply.json);
  const toolCalls = (reply.toolCalls ?? []).map((call, index) => ({
    // Derived from the place in the conversation: unique in it, and the same when the request is repeated.
    id: `call_${request.messageCount}_${index}`,
    name: call.name,
    arguments: JSON.stringify(call.arguments),
  }));
  const said = (text ?? '') + toolCalls.map((call) => call.name + call.arguments).join('');
  const prompt_tokens = estimateTokens(request.promptText);
  const completion_tokens = estimateTokens(said);
  const { id, createdSeconds, model } = request;
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  const finishReason = toolCalls.length > 0 ? 'tool_calls' : 'stop';
  return { id, createdSeconds, model, text, toolCalls, finishReason, usage };
}
