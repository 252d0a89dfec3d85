import { answers, chunk, completion, fails, hangs, type Behaviour } from '../fault-server.ts';
import {
  cuts,
  DONE,
  drips,
  HEALTHY_BODY,
  HEALTHY_EVENTS,
  HEALTHY_TEXT,
  HEALTHY_USAGE,
  sendsBody,
  sendsEvents,
  sendsMuch,
  sendsPieces,
  stalls,
  textEvents,
  usageChunk,
} from './answer-parts.ts';

/** One way for an endpoint to misbehave, by the form of answer that was asked for. */
export interface Fault {
  readonly name: string;
  /** Nothing listens at the address. */
  readonly refuses?: true;
  /** Absent: the fault exists only in the other form. */
  readonly whole?: Behaviour;
  readonly stream?: Behaviour;
}

export const HUGE_CHARS = 20 * 1024 * 1024;
const PIECE_CHARS = 64 * 1024;

const JSON_TYPE = 'application/json';
const SSE = 'text/event-stream';
const WEB_PAGE = '<!doctype html><title>welcome</title>';

const both = (behaviour: Behaviour) => ({ whole: behaviour, stream: behaviour });

/** Every single byte on its own: no character of several bytes arrives in one chunk. */
const byteByByte = (text: string) => Array.from(Buffer.from(text), (byte) => Uint8Array.of(byte));

/** Both tool calls carry these arguments. */
export const TOOL_ARGUMENTS = { path: 'src/ä.ts', lines: [1, 2] };
const ARGUMENTS = JSON.stringify(TOOL_ARGUMENTS);

const call = (id: string, args: string) => ({
  id,
  type: 'function',
  function: { name: 'read', arguments: args },
});

function toolBody(calls: readonly object[]): object {
  return {
    ...completion('', HEALTHY_USAGE),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: null, tool_calls: calls },
        finish_reason: 'tool_calls',
      },
    ],
  };
}

function toolEvents(deltas: readonly object[]): readonly string[] {
  return [
    chunk({ role: 'assistant', content: null }),
    ...deltas.map((delta) => chunk({ tool_calls: [delta] })),
    chunk({}, 'tool_calls'),
    usageChunk(HEALTHY_USAGE),
    DONE,
  ];
}

const withUsage = (usage: unknown) => ({
  whole: sendsBody(completion(HEALTHY_TEXT, usage)),
  stream: sendsEvents([...textEvents(), usageChunk(usage), DONE]),
});

function* hugeBody(): Generator<string> {
  const [head = '', tail = ''] = JSON.stringify(completion('@', HEALTHY_USAGE)).split('@');
  yield head;
  for (let sent = 0; sent < HUGE_CHARS; sent += PIECE_CHARS) yield 'x'.repeat(PIECE_CHARS);
  yield tail;
}

function* hugeStream(): Generator<string> {
  for (let sent = 0; sent < HUGE_CHARS; sent += PIECE_CHARS)
    yield chunk({ content: 'x'.repeat(PIECE_CHARS) });
  yield chunk({}, 'stop') + usageChunk(HEALTHY_USAGE) + DONE;
}

/**
 * Every fault of the fault server, and the healthy answer to compare with. Tests keep the outcome of each in a
 * `Record<FaultName, …>`, so that a fault without an expectation does not compile.
 */
export const FAULTS = [
  { name: 'healthy', whole: sendsBody(HEALTHY_BODY), stream: sendsEvents(HEALTHY_EVENTS) },
  { name: 'refuses the connection', refuses: true, ...both(hangs) },
  { name: 'drops the connection before headers', ...both((response) => response.destroy()) },
  { name: 'hangs before headers', ...both(hangs) },
  {
    name: 'hangs inside the answer',
    whole: stalls(JSON_TYPE, HEALTHY_BODY.slice(0, 40)),
    stream: stalls(SSE, HEALTHY_EVENTS.slice(0, 2).join('')),
  },
  {
    name: 'cuts the answer inside a chunk',
    whole: cuts(JSON_TYPE, HEALTHY_BODY.slice(0, 40)),
    stream: cuts(SSE, HEALTHY_EVENTS.join('').slice(0, 200)),
  },
  {
    name: 'cuts the answer between chunks',
    stream: cuts(SSE, HEALTHY_EVENTS.slice(0, 2).join('')),
  },
  {
    name: 'splits UTF-8 over chunks',
    whole: sendsPieces(JSON_TYPE, byteByByte(HEALTHY_BODY)),
    stream: sendsPieces(SSE, byteByByte(HEALTHY_EVENTS.join(''))),
  },
  {
    name: 'writes SSE in unusual but valid ways',
    stream: sendsEvents([
      ': welcome\r\n\r\n',
      'event: message\r\nid: 1\r\nretry: 5\r\n',
      ...HEALTHY_EVENTS.map((event) => event.replace('data: ', 'data:').replaceAll('\n', '\r\n')),
    ]),
  },
  {
    name: 'sends malformed SSE',
    stream: sendsEvents([
      ...HEALTHY_EVENTS.slice(0, 2),
      'data: {"choices":[{"delta":{"content":"bro\n\n',
      'no field at all\n\n',
      ...HEALTHY_EVENTS.slice(2),
    ]),
  },
  { name: 'sends malformed JSON', whole: sendsBody('{"choices": ['), stream: sendsBody('{"choices": [') },
  { name: 'sends a web page', ...both(sendsBody(WEB_PAGE, 'text/html')) },
  {
    name: 'sends the right answer as text/plain',
    whole: sendsBody(HEALTHY_BODY, 'text/plain'),
    stream: sendsEvents(HEALTHY_EVENTS, 'text/plain'),
  },
  { name: 'sends the other form', whole: sendsEvents(HEALTHY_EVENTS), stream: sendsBody(HEALTHY_BODY) },
  {
    name: 'sends empty choices',
    whole: sendsBody({ ...completion('', HEALTHY_USAGE), choices: [] }),
    stream: sendsEvents([usageChunk(HEALTHY_USAGE), DONE]),
  },
  { name: 'finishes without [DONE]', stream: sendsEvents([...textEvents(), usageChunk(HEALTHY_USAGE)]) },
  { name: 'ends the stream without a finish', stream: sendsEvents([...textEvents().slice(0, -1), DONE]) },
  {
    name: 'repeats tool-call ids',
    whole: sendsBody(toolBody([call('same', ARGUMENTS), call('same', ARGUMENTS)])),
    stream: sendsEvents(toolEvents([0, 1].map((index) => ({ index, ...call('same', ARGUMENTS) })))),
  },
  {
    name: 'sends arguments in fragments',
    stream: sendsEvents(
      toolEvents([
        { index: 0, ...call('one', '') },
        { index: 1, ...call('two', '') },
        // Interleaved, one character at a time: only the index says to which call a fragment belongs.
        ...Array.from(ARGUMENTS).flatMap((piece) =>
          [0, 1].map((index) => ({ index, function: { arguments: piece } })),
        ),
      ]),
    ),
  },
  {
    name: 'sends arguments that are no JSON',
    whole: sendsBody(toolBody([call('one', '{"path": ')])),
    stream: sendsEvents(toolEvents([{ index: 0, ...call('one', '{"path": ') }])),
  },
  { name: '429 with Retry-After', ...both(fails(429, 'slow down', { 'retry-after': '2' })) },
  { name: '429 without Retry-After', ...both(fails(429, 'slow down')) },
  {
    name: 'two 500s, then fine',
    whole: answers(fails(500), fails(503), sendsBody(HEALTHY_BODY)),
    stream: answers(fails(500), fails(503), sendsEvents(HEALTHY_EVENTS)),
  },
  { name: '500 for ever', ...both(fails(500)) },
  {
    name: 'drips one byte at a time',
    whole: drips(JSON_TYPE, { beginning: HEALTHY_BODY.slice(0, 1), byte: ' ' }),
    stream: drips(SSE, { beginning: `${HEALTHY_EVENTS.slice(0, 2).join('')}:`, byte: '.' }),
  },
  {
    name: 'usage missing',
    whole: sendsBody(completion(HEALTHY_TEXT, undefined)),
    stream: sendsEvents([...textEvents(), DONE]),
  },
  {
    name: 'usage in the last chunk with choices',
    stream: sendsEvents([
      ...textEvents().slice(0, -1),
      chunk({}, 'stop').replace(/\}\n\n$/, `,"usage":${JSON.stringify(HEALTHY_USAGE)}}\n\n`),
      DONE,
    ]),
  },
  { name: 'usage negative', ...withUsage({ prompt_tokens: -7, completion_tokens: -5 }) },
  { name: 'usage huge', ...withUsage({ prompt_tokens: 1e300, completion_tokens: 9e15 }) },
  { name: 'usage in strings', ...withUsage({ prompt_tokens: '7', completion_tokens: '5' }) },
  { name: '20 MB', whole: sendsMuch(JSON_TYPE, hugeBody), stream: sendsMuch(SSE, hugeStream) },
  {
    name: 'error after a 200',
    whole: sendsBody({ error: { message: 'overloaded', type: 'server_error', code: null } }),
    stream: sendsEvents([
      ...HEALTHY_EVENTS.slice(0, 2),
      'data: {"error":{"message":"overloaded","type":"server_error","code":null}}\n\n',
    ]),
  },
] as const satisfies readonly Fault[];

export type FaultName = (typeof FAULTS)[number]['name'];
