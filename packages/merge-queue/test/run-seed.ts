/**
 * A seed for the drawn worlds of one test, another one in every run, printed so that a failure can be
 * drawn again: `FC_SEED=<seed> npx vitest run <file>`.
 */
export function runSeed(test: string): number {
  const given = process.env['FC_SEED'];
  const seed = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`FC_SEED is a whole number, not ${given}`);
  process.stdout.write(`${test}: seed ${seed}\n`);
  return seed;
}
