import { describe, expect, it } from 'vitest';
import { SandboxError } from '../../errors.ts';
import { ShimConnection } from './shim-connection.ts';
import type { StreamEvent } from './stream-listeners.ts';

function connect() {
  const sent: unknown[] = [];
  const notices: string[] = [];
  const broken: string[] = [];
  const connection = new ShimConnection({
    send: (line) => sent.push(JSON.parse(line)),
    onNotice: ({ method }) => notices.push(method),
    onBroken: (why) => broken.push(why),
  });
  const receive = (message: object) => connection.receive(JSON.stringify({ jsonrpc: '2.0', ...message }));
  return { connection, sent, notices, broken, receive };
}

const failure = (code: string, kind: string) => ({
  code: -32_000,
  message: 'no luck',
  data: { code, class: kind, retryable: kind === 'transient' },
});
const START = { sandboxId: 'sb-1', command: ['true'], timeoutMs: 1000, creditBytes: 1 };
const shimIsGone = new SandboxError('SANDBOX_REMOTE_UNAVAILABLE', 'the shim is gone');

describe('ShimConnection', () => {
  it('gives each call its own answer, in whatever order they come', async () => {
    const { connection, sent, receive } = connect();
    const first = connection.call('sandbox.poll', { sandboxId: 'sb-1' });
    const second = connection.call('sandbox.poll', { sandboxId: 'sb-2' });
    expect(sent).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'sandbox.poll', params: { sandboxId: 'sb-1' } },
      { jsonrpc: '2.0', id: 2, method: 'sandbox.poll', params: { sandboxId: 'sb-2' } },
    ]);
    receive({ id: 2, result: { sandboxId: 'sb-2', running: false, exitCode: 1 } });
    receive({ id: 1, result: { sandboxId: 'sb-1', running: true } });
    expect(await first).toEqual({ sandboxId: 'sb-1', running: true });
    expect(await second).toEqual({ sandboxId: 'sb-2', running: false, exitCode: 1 });
  });

  it.each([
    ['RATE_LIMITED', 'transient', 'SANDBOX_REMOTE_UNAVAILABLE', true],
    ['SHUTTING_DOWN', 'cancelled', 'SANDBOX_REMOTE_UNAVAILABLE', true],
    ['SANDBOX_NOT_FOUND', 'gone', 'SANDBOX_NOT_FOUND', false],
    ['SANDBOX_ENDED', 'gone', 'SANDBOX_TERMINATED', false],
    ['UNAUTHENTICATED', 'fatal', 'SANDBOX_REMOTE_REFUSED', false],
    ['NOT_SUPPORTED', 'fatal', 'SANDBOX_UNSUPPORTED', false],
    ['INVALID_PARAMS', 'invalid', 'SANDBOX_REMOTE_FAILED', false],
  ])('tells %s as an error that says whether to try again', async (shim, kind, code, retryable) => {
    const { connection, receive } = connect();
    const call = connection.call('sandbox.poll', { sandboxId: 'sb-1' });
    receive({ id: 1, error: failure(shim, kind) });
    await expect(call).rejects.toMatchObject({ code, traits: { retryable }, details: { shim } });
  });

  it('cancels at the shim, and waits for what it says', async () => {
    const { connection, sent, receive } = connect();
    const stop = new AbortController();
    const cancelled = connection.call('sandbox.list', { tags: {} }, { signal: stop.signal });
    const tooLate = connection.call('sandbox.list', { tags: {} }, { signal: stop.signal });
    const why = new DOMException('enough', 'AbortError');
    stop.abort(why);
    expect(sent.slice(2)).toEqual([
      { jsonrpc: '2.0', method: '$/cancel', params: { id: 1 } },
      { jsonrpc: '2.0', method: '$/cancel', params: { id: 2 } },
    ]);
    receive({ id: 1, error: failure('CANCELLED', 'cancelled') });
    receive({ id: 2, result: { sandboxes: [] } });
    await expect(cancelled).rejects.toBe(why);
    expect(await tooLate).toEqual({ sandboxes: [] });
    await expect(connection.call('sandbox.list', { tags: {} }, { signal: stop.signal })).rejects.toBe(why);
    expect(sent).toHaveLength(4);
  });

  it('misses nothing of a stream that comes in one breath with its id', async () => {
    const { connection, receive } = connect();
    const events: StreamEvent[] = [];
    const started = connection.call('exec.start', START, {
      onResult: ({ execId }) => connection.listen(execId, (event) => events.push(event)),
    });
    receive({ id: 1, result: { execId: 'e1' } });
    const output = { execId: 'e1', stream: 'stdout', offset: 0, data: Buffer.from('hi').toString('base64') };
    receive({ method: 'exec.output', params: output });
    receive({ method: 'exec.output', params: { ...output, execId: 'e2' } });
    receive({ method: 'exec.end', params: { execId: 'e1', end: { reason: 'exited', exitCode: 0 } } });
    receive({ method: 'exec.output', params: output });
    await started;
    expect(events).toEqual([
      { kind: 'data', stream: 'stdout', bytes: Buffer.from('hi') },
      { kind: 'exec_end', end: { reason: 'exited', exitCode: 0 } },
    ]);
  });

  it('fails all calls and streams, and every later one, when the shim is gone', async () => {
    const { connection, sent, receive } = connect();
    const events: StreamEvent[] = [];
    const started = connection.call('exec.start', START, {
      onResult: ({ execId }) => connection.listen(execId, (event) => events.push(event)),
    });
    receive({ id: 1, result: { execId: 'e1' } });
    await started;
    const waiting = connection.call('exec.wait', { execId: 'e1' });
    connection.lose(shimIsGone);
    await expect(waiting).rejects.toBe(shimIsGone);
    expect(events).toEqual([{ kind: 'lost', error: shimIsGone }]);
    await expect(connection.call('sandbox.list', { tags: {} })).rejects.toBe(shimIsGone);
    connection.tell('credit', { streamId: 'e1', bytes: 1 });
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['an unknown notification', '{"jsonrpc":"2.0","method":"gossip","params":{}}'],
    ['a notification of another form', '{"jsonrpc":"2.0","method":"exec.end","params":{}}'],
    ['an answer to nothing', '{"jsonrpc":"2.0","id":7,"result":{}}'],
  ])('does not go on with a shim that says %s', (_what, line) => {
    const { connection, broken } = connect();
    connection.receive(line);
    expect(broken).toHaveLength(1);
  });

  it('does not take an answer that is not as agreed', async () => {
    const { connection, receive } = connect();
    const call = connection.call('sandbox.poll', { sandboxId: 'sb-1' });
    receive({ id: 1, result: { running: 'perhaps' } });
    await expect(call).rejects.toMatchObject({ code: 'SANDBOX_REMOTE_FAILED' });
  });
});
