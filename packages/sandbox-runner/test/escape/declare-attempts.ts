import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannotIsolate } from '../local-machine.ts';
import type { Attempt, EscapeHost } from './attempt.ts';
import { plantHost } from './host.ts';

/** Declares the tests of a theme's attempts: each inside, and most of them also without a sandbox. */
export function declareAttempts(theme: string, attempts: readonly Attempt[]): void {
  describe(`escape: ${theme}`, () => {
    let host: EscapeHost;
    beforeAll(async () => {
      host = await plantHost();
    });
    afterAll(() => host[Symbol.asyncDispose]());

    for (const attempt of attempts) {
      it(`does not let a command ${attempt.title}`, async (context) => {
        if (cannotIsolate !== undefined) context.skip(cannotIsolate);
        const missing = await host.missing('auto', attempt.needs ?? []);
        if (missing !== undefined) context.skip(missing);
        const result = await host.run('auto', attempt);
        expect(result).toMatchObject({ reason: 'exited' });
        expect(result, 'the attempt succeeded').not.toMatchObject({ exitCode: 0 });
        if (attempt.refusal !== undefined) {
          expect(`${result.stdout}${result.stderr}`).toMatch(attempt.refusal);
        }
      });
      if (attempt.onlyInside !== undefined) continue;
      it(`could otherwise ${attempt.title}`, async (context) => {
        const missing = await host.missing('none', attempt.needs ?? []);
        const reason = missing ?? attempt.cannotSucceed?.(host);
        if (reason !== undefined) context.skip(reason);
        expect(await host.run('none', attempt)).toMatchObject({ reason: 'exited', exitCode: 0 });
      });
    }
  });
}
