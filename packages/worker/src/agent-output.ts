import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import type { OutputStream } from './agent-process.ts';

const FLUSH_INTERVAL_MS = 2_000;
const MAX_LINE_CHARS = 8_000;
const MAX_FLUSH_CHARS = 16_000;
const MAX_TOTAL_CHARS = 4 * 1024 * 1024;
const MAX_TAIL_CHARS = 8_000;

/** What an agent prints, told in parts of a bounded size; its last lines are kept. Disposing it tells the rest. */
export interface AgentOutput extends Disposable {
  add(stream: OutputStream, bytes: Buffer): void;
  /** The last lines of one stream, or of both as they came. */
  tail(stream?: OutputStream): readonly string[];
}

/**
 * Gathers lines and hands them to `onText` every two seconds: at most 16 000 characters at a time and 4 MiB in all,
 * whatever is printed. Lines are redacted whole and lose their control codes before they are cut.
 */
export function gatherOutput(options: {
  readonly redact: (text: string) => string;
  readonly onText: (text: string) => void;
}): AgentOutput {
  const part = createBoundedPart(options.onText);
  const kept: { readonly stream: OutputStream; readonly line: string }[] = [];
  let keptChars = 0;
  const take = (stream: OutputStream) => (raw: string) => {
    const line = options.redact(readableLine(raw)).slice(0, MAX_LINE_CHARS);
    part.add(line);
    kept.push({ stream, line });
    keptChars += line.length + 1;
    while (keptChars > MAX_TAIL_CHARS && kept.length > 1) keptChars -= (kept.shift()?.line.length ?? 0) + 1;
  };
  const readers = {
    stdout: createLineReader(take('stdout')),
    stderr: createLineReader(take('stderr')),
  };
  const timer = setInterval(() => part.flush(), FLUSH_INTERVAL_MS);
  return {
    add: (stream, bytes) => readers[stream].add(bytes),
    tail: (stream) =>
      kept.filter((entry) => stream === undefined || entry.stream === stream).map(({ line }) => line),
    [Symbol.dispose]() {
      clearInterval(timer);
      for (const reader of Object.values(readers)) reader.end();
      part.flush();
    },
  };
}

function createBoundedPart(onText: (text: string) => void) {
  let lines: string[] = [];
  let size = 0;
  let total = 0;
  let omitted = 0;
  return {
    add(line: string): void {
      const fits = size + line.length < MAX_FLUSH_CHARS && total + line.length < MAX_TOTAL_CHARS;
      if (!fits) {
        omitted += 1;
        return;
      }
      lines.push(line);
      size += line.length + 1;
      total += line.length + 1;
    },
    flush(): void {
      const more = omitted === 0 ? [] : [`… ${omitted} lines omitted …`];
      const text = [...lines, ...more].join('\n');
      [lines, size, omitted] = [[], 0, 0];
      if (text.trim() !== '') onText(text);
    },
  };
}

/** A line as a terminal would have left it: without colours, and what a progress bar wrote last. */
function readableLine(raw: string): string {
  const plain = stripVTControlCharacters(raw).trimEnd();
  return plain.slice(plain.lastIndexOf('\r') + 1);
}

function createLineReader(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
    if (rest.length <= MAX_LINE_CHARS) return;
    onLine(rest);
    rest = '';
  };
  return {
    add: (bytes: Buffer) => take(decoder.write(bytes)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
