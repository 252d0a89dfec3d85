import type { TranscriptFrame } from '@agentswarm/core';
import type { AgentEvent } from './agent-driver.ts';
import type { FrameBody } from './frame-stream.ts';
import { firstLine, lastLine, truncateMiddle } from './truncate.ts';

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
    case 'output_printed':
      return [
        { type: 'progress', phase: 'tool', message: lastLine(event.text, MAX_MESSAGE_CHARS), toolCalls },
        transcribed({ kind: 'output', text: truncateMiddle(event.text, MAX_RESULT_CHARS) }),
      ];
    case 'user_message':
      return [transcribed({ kind: 'prompt', text: event.text })];
    case 'assistant_message': {
      const { text, model } = event;
      return [transcribed({ kind: 'assistant', text, ...(model === undefined ? {} : { model }) })];
    }
    case 'tool_started': {
      const { id, tool } = event;
      return [
        { type: 'progress', phase: 'tool', tool, message: describeCall(event.arguments), toolCalls },
        transcribed({ kind: 'tool_call', id, tool, arguments: truncateStrings(event.arguments) }),
      ];
    }
    case 'tool_finished': {
      const { id, tool, isError } = event;
      const text = truncateMiddle(event.text, MAX_RESULT_CHARS);
      return [transcribed({ kind: 'tool_result', id, tool, text, isError })];
    }
  }
}

function transcribed(entry: TranscriptFrame['entry']): FrameBody {
  return { type: 'transcript', entry };
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
