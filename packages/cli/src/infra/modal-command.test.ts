import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { modalArguments, toShellLine } from './modal-command.ts';

const stop = { kind: 'stop', app: undefined, isSure: false } as const;
const appStopped = (env: Record<string, string>) => modalArguments(stop, { infra: '/infra', env }).at(-1);

it('stops the app that the same environment deploys', () => {
  const settings = readFileSync(new URL('../../../../infra/glm5_settings.py', import.meta.url), 'utf8');
  expect(settings).toContain(
    `return "${appStopped({})}" if self.weights == "real" else "${appStopped({ GLM5_WEIGHTS: 'dummy' })}"`,
  );
});

it('asks before it stops, unless told not to', () => {
  const place = { infra: '/infra', env: {} };
  expect(modalArguments(stop, place)).not.toContain('--yes');
  expect(modalArguments({ ...stop, app: 'other', isSure: true }, place).slice(-2)).toEqual([
    '--yes',
    'other',
  ]);
});

it('writes a line that a shell takes apart into the same words', () => {
  expect(toShellLine(['/opt/python 3/bin', '-m', 'modal', "it's"])).toBe(
    String.raw`'/opt/python 3/bin' -m modal 'it'\''s'`,
  );
});
