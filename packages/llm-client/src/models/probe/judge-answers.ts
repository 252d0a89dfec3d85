import { splitThinking } from '../../text/split-thinking.ts';
import { recoverToolCalls } from '../../text/tool-calls/recover-tool-calls.ts';
import { parseJson } from '../../text/parse-json.ts';
import type { ModelEntry, TextToolFormat } from '../model-entry.ts';
import type { ProbeMessage, ProbeStream } from './probe-chat.ts';
import { JsonAnswerSchema, PROBE_TOOL } from './probe-questions.ts';
import type { ProbeOutcome } from './prober.ts';

export interface Judged<T> {
  readonly value: T;
  readonly seen: string;
}

export function judgeTools(
  outcome: ProbeOutcome<ProbeMessage>,
): Judged<Pick<ModelEntry, 'toolCalls' | 'textToolFormat'>> {
  if (outcome.kind === 'refused') return { value: { toolCalls: 'none' }, seen: outcome.error.message };
  const { content, toolNames, cut } = outcome.answer;
  if (toolNames.includes(PROBE_TOOL))
    return { value: { toolCalls: 'native' }, seen: 'tool_calls in the answer' };
  const { text } = splitThinking(content);
  if (recoverToolCalls(text, [PROBE_TOOL]).toolCalls.length === 0) {
    return { value: { toolCalls: 'none' }, seen: `no call in the answer${cut ? ', which was cut' : ''}` };
  }
  const textToolFormat = formatOf(text);
  return { value: { toolCalls: 'text', textToolFormat }, seen: `a call as text (${textToolFormat})` };
}

const FORMATS: readonly (readonly [RegExp, TextToolFormat])[] = [
  [/<function=/, 'qwen3-coder'],
  [/<tool_call>[^<{]*<arg_key>/, 'glm'],
  [/<tool_call>/, 'hermes'],
  [/<\|python_tag\|>/, 'llama'],
  [/\[TOOL_CALLS\]/, 'mistral'],
];

function formatOf(text: string): TextToolFormat {
  return FORMATS.find(([pattern]) => pattern.test(text))?.[1] ?? 'json';
}

/** A model that thought may be switchable, and one that did not, too: only the catalogue knows. */
export function judgeThinking(
  answers: readonly ProbeMessage[],
  known: ModelEntry['thinking'] | undefined,
): Judged<ModelEntry['thinking']> {
  const inText = answers.filter(({ content }) => splitThinking(content).reasoning !== '');
  const apart = answers.some(({ reasoning }) => reasoning !== '');
  const seen = [
    ...(apart ? ['reasoning beside the answer'] : []),
    ...(inText.length > 0 ? ['a block of thought in the text'] : []),
  ];
  const promptOpensBlock = inText.some(({ content }) => !/^\s*[<[](?:think|reason)/i.test(content));
  const opened = promptOpensBlock ? { promptOpensBlock } : {};
  if (known?.mode === 'switchable') {
    return {
      value: { ...known, ...opened },
      seen: seen.join(', ') || 'no thoughts; the catalogue says they can be switched on',
    };
  }
  if (seen.length === 0) return { value: { mode: 'none' }, seen: 'no thoughts' };
  return { value: { mode: 'always', ...opened }, seen: seen.join(', ') };
}

export function judgeStructured(
  outcome: ProbeOutcome<ProbeMessage>,
  toolCalls: ModelEntry['toolCalls'],
): Judged<NonNullable<ModelEntry['structured']>> {
  const instead = toolCalls === 'native' ? 'tool' : 'prompt';
  if (outcome.kind === 'refused') return { value: instead, seen: outcome.error.message };
  const parsed = parseJson(splitThinking(outcome.answer.content).text);
  const honoured = parsed.ok && JsonAnswerSchema.safeParse(parsed.value).success;
  return honoured
    ? { value: 'json_schema', seen: 'an answer in the form of the schema' }
    : {
        value: instead,
        seen: outcome.answer.cut ? 'an answer that was cut' : 'an answer that ignores the schema',
      };
}

export function judgeStream(outcome: ProbeOutcome<ProbeStream>): Judged<boolean> {
  if (outcome.kind === 'refused') return { value: false, seen: outcome.error.message };
  const { chunks, finished } = outcome.answer;
  return {
    value: finished && chunks > 0,
    seen: `${chunks} chunks, ${finished ? 'finished' : 'without an end'}`,
  };
}
