import { createBudget, openBudgetFile, type Price } from '@agentswarm/llm-client';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// node --conditions=@agentswarm/source packages/llm-client/bench/reservations.ts [FOLDER]
// FOLDER lies on the disk to measure; default: the folder for temporary files.
const CALLERS = 64;
const RESERVATIONS = 64_000;
const SINGLE_WRITES = 4_000;
const ROUNDS = 3;
const price: Price = { inputUsdPerMillion: 0.6, outputUsdPerMillion: 2.2 };
const call = { provider: 'bench', model: 'bench', price, promptTokens: 3_000, maxCompletionTokens: 1_000 };
const usage = { promptTokens: 3_000, completionTokens: 400, estimated: false };

/** Reservations per second; each is settled, and both its lines are durable before its caller makes the next. */
async function benchBudget(path: string): Promise<number> {
  const budget = await createBudget({
    policy: { run: { usd: 1_000_000 } },
    store: await openBudgetFile(path),
  });
  const startMs = performance.now();
  const callers = Array.from({ length: CALLERS }, async () => {
    for (let count = 0; count < RESERVATIONS / CALLERS; count += 1) {
      const reservation = await budget.reserve(call);
      await reservation.settle(usage);
    }
  });
  await Promise.all(callers);
  const perSecond = (RESERVATIONS * 1_000) / (performance.now() - startMs);
  await budget[Symbol.asyncDispose]();
  return perSecond;
}

/** The same lines, each written and flushed by itself: reservations per second, two lines each. */
async function benchSingleWrites(path: string, lines: readonly string[]): Promise<number> {
  await using file = await open(path, 'a');
  const startMs = performance.now();
  for (const line of lines) {
    await file.appendFile(line);
    await file.datasync();
  }
  return (lines.length / 2) * (1_000 / (performance.now() - startMs));
}

const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'budget-bench-'));
try {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const path = join(folder, `budget-${round}.jsonl`);
    const perSecond = await benchBudget(path);
    const lines = (await readFile(path, 'utf8')).split('\n').slice(1, SINGLE_WRITES + 1);
    const single = await benchSingleWrites(
      join(folder, `single-${round}.jsonl`),
      lines.map((line) => `${line}\n`),
    );
    console.log(
      JSON.stringify({
        round,
        callers: CALLERS,
        reservationsPerSecond: Math.round(perSecond),
        singleWritesPerSecond: Math.round(single),
        ratio: Number((perSecond / single).toFixed(1)),
      }),
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
