import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

const infra = fileURLToPath(new URL('../../../infra', import.meta.url));
/** The interpreter of `infra/`. */
const python = `${infra}/.venv/bin/python`;

/** Declares tests that need the Python side; without it they are skipped, and say so. */
export function describeWithPython(title: string, declare: () => void): void {
  if (existsSync(python)) describe(title, declare);
  else describe(title, () => it('works', ({ skip }) => skip('the Python side is not set up (infra/.venv)')));
}

/** Our test server, and the settings by which the command takes it for Modal. */
export interface FakeAccount extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

export async function startFakeAccount(): Promise<FakeAccount> {
  const child = spawn(python, ['-m', 'fake_modal'], { cwd: infra, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const hello = JSON.parse(line) as Record<'serverUrl' | 'tokenId' | 'tokenSecret', string>;
  return {
    env: {
      MODAL_SERVER_URL: hello.serverUrl,
      MODAL_DISABLE_API_PROXY: '1',
      MODAL_TOKEN_ID: hello.tokenId,
      MODAL_TOKEN_SECRET: hello.tokenSecret,
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await closed;
    },
  };
}
