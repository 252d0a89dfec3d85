import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ShimConnection } from '../shim/shim-connection.ts';
import { execRemote } from './remote-exec.ts';

interface Sent {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly signal?: string };
}

/** A shim that answers what it is told to, and nothing else. */
function silentShim(env: Readonly<Record<string, string>> = {}) {
  const sent: Sent[] = [];
  const connection = new ShimConnection({
    send: (line) => sent.push(JSON.parse(line) as Sent),
    onNotice: () => undefined,
    onBroken: (why) => expect.unreachable(why),
  });
  const control = new AbortController();
  const problems: unknown[] = [];
  const { result } = execRemote({
    connection,
    sandboxId: 'sb-1',
    command: ['sleep', '600'],
    cwd: '/',
    env,
    signal: control.signal,
    onProblem: (error) => problems.push(error),
  });
  const told = () => sent.map(({ method, params }) => [method, params.signal].filter(Boolean).join(' '));
  const receive = (message: object) => connection.receive(JSON.stringify({ jsonrpc: '2.0', ...message }));
  return { control, problems, result, told, receive };
}

describe('execRemote', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('gives up a start that is aborted and not answered', async () => {
    const { control, result, told } = silentShim();
    control.abort();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await result).toMatchObject({ reason: 'aborted' });
    expect(told()).toEqual(['exec.start', '$/cancel']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends no environment that the shim would not take', async () => {
    const { result, told } = silentShim({ BIG: 'x'.repeat(17 * 1024 * 1024) });
    await vi.advanceTimersByTimeAsync(0);
    expect(told()).toEqual([]);
    expect(await result).toMatchObject({ reason: 'not_started', stderr: 'environment is too long' });
  });

  it('gives up a command whose end by force is not told', async () => {
    const { control, problems, result, told, receive } = silentShim();
    receive({ id: 1, result: { execId: 'exec-1' } });
    await vi.advanceTimersByTimeAsync(0);
    control.abort();
    await vi.advanceTimersByTimeAsync(2_000 + 30_000);
    expect(await result).toMatchObject({ reason: 'aborted' });
    expect(told()).toEqual(['exec.start', 'exec.signal TERM', 'exec.signal KILL']);
    expect(problems).toMatchObject([{ code: 'SANDBOX_STREAM_LOST' }]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
