import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';

const MAX_LINE_CHARS = 1_000_000;
const MAX_JSON_CHARS = 32_000_000;

/** What an answer's bytes said while they passed. */
interface TappedAnswer {
  /** As the server sent it; undefined when it sent none. */
  readonly usage: unknown;
  readonly model: string | undefined;
  /** Characters of text, reasoning and tool calls. */
  readonly completionChars: number;
  /** The model ended the answer; false for an answer that breaks off or turns into an error. */
  readonly complete: boolean;
}

/** Reads an answer beside its way to the client. Never changes, delays or rejects a byte. */
export interface UsageTap {
  push(chunk: Buffer): void;
  end(): TappedAnswer;
}

export function createUsageTap(contentType: string | undefined): UsageTap {
  return contentType?.startsWith('text/event-stream') === true ? createEventTap() : createJsonTap();
}

const DeltaSchema = z
  .object({
    content: z.string().nullish().catch(null),
    reasoning_content: z.string().nullish().catch(null),
    reasoning: z.string().nullish().catch(null),
    tool_calls: z
      .array(
        z.object({ function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }) }),
      )
      .nullish()
      .catch(null),
  })
  .catch({});
const ChunkSchema = z.object({
  model: z.string().optional().catch(undefined),
  choices: z
    .array(
      z.object({
        delta: DeltaSchema.optional(),
        message: DeltaSchema.optional(),
        finish_reason: z.string().nullish().catch(null),
      }),
    )
    .catch([]),
  usage: z.unknown().optional(),
  error: z.unknown().optional(),
});

interface Findings {
  usage: unknown;
  model: string | undefined;
  completionChars: number;
  finished: boolean;
  failed: boolean;
}

function createFindings(): Findings {
  return { usage: undefined, model: undefined, completionChars: 0, finished: false, failed: false };
}

function summarize({ finished, failed, ...rest }: Findings): TappedAnswer {
  return {
    usage: rest.usage,
    model: rest.model,
    completionChars: rest.completionChars,
    complete: finished && !failed,
  };
}

function createEventTap(): UsageTap {
  const findings = createFindings();
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const readLine = (line: string) => {
    if (!line.startsWith('data:')) return;
    const data = line.slice(5).trim();
    if (data === '[DONE]') findings.finished = true;
    else note(findings, data);
  };
  return {
    push(chunk) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      // A line without end would grow without limit; what it says is then left to the estimate.
      if (rest.length > MAX_LINE_CHARS) rest = '';
      lines.forEach(readLine);
    },
    end() {
      readLine(rest);
      return summarize(findings);
    },
  };
}

function createJsonTap(): UsageTap {
  const decoder = new StringDecoder('utf8');
  let text = '';
  return {
    push(chunk) {
      if (text.length <= MAX_JSON_CHARS) text += decoder.write(chunk);
    },
    end() {
      const findings = createFindings();
      note(findings, text);
      if (findings.completionChars === 0 && !findings.finished) findings.completionChars = text.length;
      return summarize(findings);
    },
  };
}

function note(findings: Findings, json: string): void {
  const parsed = ChunkSchema.safeParse(parseOrUndefined(json));
  if (!parsed.success) return;
  const { model, choices, usage, error } = parsed.data;
  findings.model ??= model;
  if (typeof usage === 'object' && usage !== null) findings.usage = usage;
  if (typeof error === 'object' && error !== null) findings.failed = true;
  for (const { delta, message, finish_reason } of choices) {
    findings.completionChars += charsOf(delta ?? message ?? {});
    if (typeof finish_reason === 'string') findings.finished = true;
  }
}

function charsOf(delta: z.infer<typeof DeltaSchema>): number {
  const calls = (delta.tool_calls ?? []).map((call) => call.function);
  return [
    delta.content,
    // Where a server sends both, they are the same.
    delta.reasoning_content || delta.reasoning,
    ...calls.flatMap((call) => [call.name, call.arguments]),
  ].reduce((chars, text) => chars + (text?.length ?? 0), 0);
}

/** Malformed data is the client's to judge; the tap only misses what it says. */
function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
