import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CheckResult } from '../src/doctor/check.ts';
import { runCaptured } from './captured-cli.ts';
import { describeWithPython } from './with-python.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'agentswarm-doctor-'));
  writeFileSync(join(directory, 'SPEC.md'), '# Spec');
});
afterEach(() => rmSync(directory, { recursive: true }));

async function checks(settings: Readonly<Record<string, string>>) {
  const env = { PATH: process.env['PATH'], HOME: directory, ...settings };
  const { stdout } = await runCaptured(['doctor', '--json'], { directory, env });
  const listed = (JSON.parse(stdout) as { checks: CheckResult[] }).checks;
  return Object.fromEntries(listed.map((check) => [check.name, check]));
}

it('asks for nothing of Modal where sandboxes are local', async () => {
  const found = await checks({ PYTHON_PATH: 'no-such-python' });
  expect(found['python']).toMatchObject({ status: 'warn', detail: expect.stringContaining('only Modal') });
  expect([found['modal'], found['image']]).toEqual([undefined, undefined]);
  expect(found['isolation']).toBeDefined();
});

it('names all that is missing for sandboxes on Modal, and needs no isolation here', async () => {
  const found = await checks({ SANDBOX_BACKEND: 'modal', PYTHON_PATH: 'no-such-python' });
  expect(found).toMatchObject({
    python: { status: 'fail', fix: expect.stringContaining('modal==') },
    modal: { status: 'fail', fix: expect.stringContaining('MODAL_TOKEN_ID') },
    image: { status: 'fail', fix: expect.stringContaining('infra/sandbox_image.py') },
  });
  expect(found['isolation']).toBeUndefined();
});

it('tells half of a token from none', async () => {
  const found = await checks({ SANDBOX_BACKEND: 'modal', MODAL_TOKEN_ID: 'ak-canary' });
  expect(found['modal']).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('MODAL_TOKEN_SECRET'),
  });
});

describeWithPython('with Python and its SDK', () => {
  it('finds everything, and tells no token', async () => {
    const found = await checks({
      SANDBOX_BACKEND: 'modal',
      MODAL_TOKEN_ID: 'ak-canary',
      MODAL_TOKEN_SECRET: 'as-canary',
      MODAL_IMAGE: 'im-123',
    });
    expect(found).toMatchObject({
      python: { status: 'ok', detail: expect.stringMatching(/^3\.\d+\.\d+, Modal SDK 1\./) },
      modal: { status: 'ok' },
      image: { status: 'ok', detail: 'im-123' },
    });
    expect(JSON.stringify(found)).not.toContain('canary');
  });
});
