import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteJournal } from '@agentswarm/journal';
import { createBudget, openBudgetFile, type BudgetStore, type Price } from '@agentswarm/llm-client';
import { createJournalBudgetStore } from '@agentswarm/orchestrator';

// node --conditions=@agentswarm/source packages/cli/bench/reservations.ts [FOLDER]
// FOLDER lies on the disk to measure; default: the folder for temporary files.
const CALLERS = 64;
const RESERVATIONS = 16_000;
const ROUNDS = 3;
const price: Price = { inputUsdPerMillion: 0.6, outputUsdPerMillion: 2.2 };
const call = { provider: 'bench', model: 'bench', price, promptTokens: 3_000, maxCompletionTokens: 1_000 };
const usage = { promptTokens: 3_000, completionTokens: 400, estimated: false };

/** Reservations per second; each is settled, and both its entries are stored before its caller makes the next. */
async function benchStore(store: BudgetStore): Promise<number> {
  const budget = await createBudget({ policy: { run: { usd: 1_000_000 } }, store });
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

const folder = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'budget-bench-'));
try {
  for (let round = 1; round <= ROUNDS; round += 1) {
    await using journal = openSqliteJournal({ path: join(folder, `journal-${round}.db`) });
    const inJournal = await benchStore(createJournalBudgetStore(journal));
    const inFile = await benchStore(await openBudgetFile(join(folder, `budget-${round}.jsonl`)));
    console.log(
      JSON.stringify({
        round,
        callers: CALLERS,
        journalPerSecond: Math.round(inJournal),
        filePerSecond: Math.round(inFile),
        ratio: Number((inJournal / inFile).toFixed(2)),
      }),
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
