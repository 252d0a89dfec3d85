import { describe, expect, it } from 'vitest';
import { FAULTS, HUGE_CHARS, type Fault } from './behaviours.ts';
import { HEALTHY_TEXT } from './answer-parts.ts';
import { serveFault } from './serve-fault.ts';

async function ask(url: string, stream: boolean): Promise<{ status: number; chunks: Uint8Array[] }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages: [], stream }),
  });
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body ?? []) chunks.push(chunk);
  return { status: response.status, chunks };
}

const byName = (name: string): Fault => FAULTS.find((fault) => fault.name === name) as Fault;
const textOf = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks).toString();

describe('the fault server', () => {
  it('has a name for every fault, used once, and a form of each', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    const all: readonly Fault[] = FAULTS;
    expect(all.filter(({ whole, stream }) => whole === undefined && stream === undefined)).toEqual([]);
  });

  it('refuses', async () => {
    await using server = await serveFault(byName('refuses the connection'));
    await expect(ask(server.url, false)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  it.each([false, true])('splits characters over chunks, stream: %s', async (stream) => {
    await using server = await serveFault(byName('splits UTF-8 over chunks'));
    const { chunks } = await ask(server.url, stream);
    const alone = chunks.map((chunk) => Buffer.from(chunk).toString()).join('');
    expect(alone).toContain('\u{fffd}');
    expect(textOf(chunks)).toContain(stream ? 'e € ' : HEALTHY_TEXT);
  });

  it.each(['cuts the answer inside a chunk', 'drops the connection before headers'])('%s', async (name) => {
    await using server = await serveFault(byName(name));
    await expect(ask(server.url, false)).rejects.toThrow();
    await expect(ask(server.url, true)).rejects.toThrow();
    expect(server.abandoned()).toBe(2);
  });

  it.each(['hangs before headers', 'hangs inside the answer', 'drips one byte at a time'])(
    '%s until the client leaves',
    async (name) => {
      await using server = await serveFault(byName(name));
      const signal = AbortSignal.timeout(100);
      const body = JSON.stringify({ stream: true });
      const left = fetch(server.url, { method: 'POST', body, signal }).then((response) => response.text());
      await expect(left).rejects.toThrow();
      while (server.abandoned() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(server.seen).toHaveLength(1);
    },
  );

  it.each([false, true])('sends 20 MB, stream: %s', async (stream) => {
    await using server = await serveFault(byName('20 MB'));
    const { status, chunks } = await ask(server.url, stream);
    expect(status).toBe(200);
    expect(Buffer.concat(chunks).length).toBeGreaterThan(HUGE_CHARS);
  });

  it('recovers after its burst', async () => {
    await using server = await serveFault(byName('two 500s, then fine'));
    const answers = [];
    for (let count = 0; count < 4; count += 1) answers.push(await ask(server.url, false));
    expect(answers.map(({ status }) => status)).toEqual([500, 503, 200, 200]);
    expect(textOf(answers[3]?.chunks ?? [])).toContain(HEALTHY_TEXT);
  });
});
