import type { AgentEvent } from './agent-driver.ts';
import type { FrameBody } from './frame-stream.ts';
import { firstLine, truncateMiddle } from './truncate.ts';

const MAX_RESULT_CHARS = 20_000;
const MAX_MESSAGE_CHARS = 200;

/** The frames an agent event becomes; `toolCalls` counts the calls started so far, this one included. */
export function framesOf(event: AgentEvent, toolCalls: number): FrameBody[] {
  switch (event.type) {
    case 'turn_started':
      return [{ type: 'progress', phase: 'thinking', message: 'waiting for the model', toolCalls }];
    case 'model_retrying':
      return [
        {
          type: 'progress',
          phase: 'thinking',
          message: firstLine(`retry ${event.attempt} of the model call: ${event.message}`, MAX_MESSAGE_CHARS),
          toolCalls,
        },
      ];
    case 'user_message':
      return [{ type: 'transcript', entry: { kind: 'prompt', text: event.text } }];
    case 'assistant_message':
      return [
        {
          type: 'transcript',
          entry: {
            kind: 'assistant',
            text: event.text,
            ...(event.model === undefined ? {} : { model: event.model }),
          },
        },
      ];
    case 'tool_started':
      return [
        {
          type: 'progress',
          phase: 'tool',
          tool: event.tool,
          message: describeCall(event.arguments),
          toolCalls,
        },
        {
          type: 'transcript',
          entry: {
            kind: 'tool_call',
            id: event.id,
            tool: event.tool,
            arguments: truncateStrings(event.arguments),
          },
        },
      ];
    case 'tool_finished':
      return [
        {
          type: 'transcript',
          entry: {
            kind: 'tool_result',
            id: event.id,
            tool: event.tool,
            text: truncateMiddle(event.text, MAX_RESULT_CHARS),
            isError: event.isError,
          },
        },
      ];
  }
}

/** What a call works on: the path, the head of the command, or the head of the summary. */
function describeCall(args: unknown): string {
  if (typeof args !== 'object' || args === null) return '';
  for (const key of ['path', 'command', 'summary']) {
    const value: unknown = (args as Record<string, unknown>)[key];
    if (typeof value === 'string') return firstLine(value, MAX_MESSAGE_CHARS);
  }
  return '';
}

function truncateStrings(value: unknown): unknown {
  if (typeof value === 'string') return truncateMiddle(value, MAX_RESULT_CHARS);
  if (Array.isArray(value)) return value.map(truncateStrings);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, truncateStrings(entry)]));
}
