import type { ModelCalledEvent } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { openGateway, PROVIDER_KEY, until } from '../gateway-setup.ts';
import { FAULTS, type FaultName } from './behaviours.ts';
import { serveFault } from './serve-fault.ts';

/**
 * What a client of the gateway sees and what is counted. `complete`: the bytes of the endpoint, all of them;
 * `cut`: the connection breaks. The gateway judges no answer: what the endpoint said goes on as it is.
 */
interface Outcome {
  readonly status: number;
  readonly arrives: 'complete' | 'cut';
  readonly ok: boolean;
  readonly usage: 'reported' | 'estimated' | 'none';
}

interface Expectation {
  readonly whole?: Outcome;
  readonly stream?: Outcome;
}

const both = (outcome: Outcome): Expectation => ({ whole: outcome, stream: outcome });
const fine: Outcome = { status: 200, arrives: 'complete', ok: true, usage: 'reported' };
const uncounted: Outcome = { ...fine, usage: 'estimated' };
const useless: Outcome = { ...uncounted, ok: false };
const cut: Outcome = { ...useless, arrives: 'cut' };
const refused = (status: number): Outcome => ({ status, arrives: 'complete', ok: false, usage: 'none' });

const EXPECTED: Record<FaultName, Expectation> = {
  healthy: both(fine),
  'refuses the connection': both(refused(502)),
  'drops the connection before headers': both(refused(502)),
  // It may have read the prompt.
  'hangs before headers': both({ ...refused(504), usage: 'estimated' }),
  'hangs inside the answer': both(cut),
  'cuts the answer inside a chunk': both(cut),
  'cuts the answer between chunks': { stream: cut },
  'splits UTF-8 over chunks': both(fine),
  'writes SSE in unusual but valid ways': { stream: fine },
  'sends malformed SSE': { stream: fine },
  'sends malformed JSON': both(useless),
  'sends a web page': both(useless),
  'sends the right answer as text/plain': { whole: fine, stream: useless },
  'sends the other form': both(fine),
  'sends empty choices': { whole: { ...fine, ok: false }, stream: fine },
  'finishes without [DONE]': { stream: fine },
  'ends the stream without a finish': { stream: uncounted },
  'repeats tool-call ids': both(fine),
  'sends arguments in fragments': { stream: fine },
  'sends arguments that are no JSON': both(fine),
  '429 with Retry-After': both(refused(429)),
  '429 without Retry-After': both(refused(429)),
  'two 500s, then fine': both(refused(500)),
  '500 for ever': both(refused(500)),
  // Each byte is a sign of life; it is for the client to leave.
  'drips one byte at a time': both(cut),
  'usage missing': both(uncounted),
  'usage in the last chunk with choices': { stream: fine },
  'usage negative': both(uncounted),
  'usage huge': both(uncounted),
  'usage in strings': both(uncounted),
  '20 MB': both(fine),
  'error after a 200': both(useless),
};

const CASES = FAULTS.flatMap((fault) =>
  (['whole', 'stream'] as const).flatMap((form) => {
    const expected = EXPECTED[fault.name][form];
    expect([fault.name, form, form in fault]).toEqual([fault.name, form, expected !== undefined]);
    return expected === undefined ? [] : [{ fault, form, expected }];
  }),
);

async function receive(url: string, init: RequestInit): Promise<{ status: number; bytes?: Buffer }> {
  const response = await fetch(`${url}/chat/completions`, { method: 'POST', ...init });
  try {
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  } catch (error) {
    expect(error).toBeDefined();
    return { status: response.status };
  }
}

function countedIn(event: ModelCalledEvent | undefined): Pick<Outcome, 'ok' | 'usage'> {
  if (event === undefined) return expect.fail('the call was not reported');
  const { ok, estimated, promptTokens } = event;
  if (estimated) return { ok, usage: 'estimated' };
  return { ok, usage: promptTokens === 0 ? 'none' : 'reported' };
}

describe.each(CASES)('$fault.name, $form', ({ fault, form, expected }) => {
  it('has the expected outcome', async () => {
    await using server = await serveFault(fault);
    const mayHang = expected.arrives === 'cut' || expected.status === 504;
    await using bench = await openGateway(server.url, { requestTimeoutMs: mayHang ? 300 : 20_000 });
    const body = JSON.stringify({
      model: 'm-real',
      messages: [{ role: 'user', content: 'Hello' }],
      ...(form === 'stream' ? { stream: true, stream_options: { include_usage: true } } : {}),
    });
    const grant = bench.grantFor('a');
    const headers = { authorization: `Bearer ${grant.token.reveal()}` };
    const signal = AbortSignal.timeout(fault.name.startsWith('drips') ? 500 : 25_000);
    const { status, bytes } = await receive(grant.url, { headers, body, signal });
    await until(() => bench.events.length > 0);
    const [event, ...others] = bench.events;
    expect(others).toEqual([]);
    expect({ status, arrives: bytes === undefined ? 'cut' : 'complete', ...countedIn(event) }).toEqual(
      expected,
    );
    expect(bytes?.includes(PROVIDER_KEY) ?? false).toBe(false);
    if (status !== 200 || bytes === undefined) return;
    const direct = await receive(`${server.url}/v1`, { body });
    expect(bytes.equals(direct.bytes ?? Buffer.alloc(0))).toBe(true);
  });
});
