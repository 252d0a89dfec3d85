import type { NetworkPolicy, SandboxSpec } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannotIsolate } from '../local-machine.ts';
import { plantHost, type EscapeHost } from './host.ts';

/** What an attempt may wait for until it is part of this package; empty when nothing is missing. */
export const MISSING: Readonly<Record<string, string>> = {
  limits: 'waits for limits',
  transfer: 'waits for upload and download',
};

/** What an attempt works with: this machine as it really is, and the folder of all sandboxes. */
export interface Place {
  readonly host: EscapeHost;
  /** Root folder of the backend that the attempt runs in. */
  readonly root: string;
}

/** One attempt to leave the sandbox. */
export interface Attempt {
  /** Continues `does not let a command …`. */
  readonly title: string;
  /** A bash script that exits with 0 when the attempt SUCCEEDS. */
  readonly script: (place: Place) => string;
  /** Programs without which it is no attempt at all, or a key of {@link MISSING}. */
  readonly needs?: readonly string[];
  readonly network?: NetworkPolicy;
  readonly spec?: Partial<SandboxSpec>;
  /**
   * Why it is not shown to succeed without the sandbox. Then `refusal` must be found in its output, so
   * that an attempt that is merely broken does not count as one that was held.
   */
  readonly onlyInside?: string;
  readonly refusal?: RegExp;
  /** Why it cannot succeed on this machine even without a sandbox; undefined when it can. */
  readonly cannotSucceed?: (host: EscapeHost) => string | undefined;
}

/** For `cannotSucceed`: attempts that are for the superuser anyway. */
export function needsRoot(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'only the superuser could';
}

/** A node program as a bash command. */
export function node(program: string): string {
  return `node - <<'END_OF_PROGRAM'\n${program}\nEND_OF_PROGRAM`;
}

/** A perl program as a bash command. */
export function perl(program: string): string {
  return `perl - <<'END_OF_PROGRAM'\n${program}\nEND_OF_PROGRAM`;
}

/** A python program as a bash command. */
export function python(program: string): string {
  return `python3 - <<'END_OF_PROGRAM'\n${program}\nEND_OF_PROGRAM`;
}

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
