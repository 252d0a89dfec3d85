import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret, silentLogger } from '@agentswarm/core';
import { expect, test } from 'vitest';
import { runWorker, type AgentDriver } from '../src/index.ts';
import { createWorkplace, TOKEN } from './worker-fixture.ts';

test('keeps the intake up to date while the agent tells of nothing', async () => {
  using place = createWorkplace();
  const inIntake = () =>
    execFileSync('git', ['ls-tree', '-r', '--name-only', 'HEAD'], {
      cwd: join(place.root, 'intake.git'),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  place.intake('symbolic-ref', 'HEAD', 'refs/heads/worker/add-greeting.1');
  const driver: AgentDriver = {
    async run({ workdir, submitHandoff }) {
      for (const name of ['one.txt', 'two.txt']) {
        writeFileSync(join(workdir, name), 'untracked\n');
        // The time limit of the test is the limit of the wait.
        while (!wasPushed(inIntake, name)) await new Promise((resolve) => setTimeout(resolve, 20));
      }
      submitHandoff({ status: 'complete', summary: 'Both' });
      return { status: 'ended' };
    },
  };
  const outcome = await runWorker(place.assignment({ kind: 'url', url: 'http://127.0.0.1:9/v1' }), {
    driver,
    token: new Secret(TOKEN),
    env: place.env,
    writeLine: () => {},
    logger: silentLogger,
    snapshotIntervalMs: 50,
  });
  expect(outcome).toMatchObject({ status: 'handed_off' });
  expect(place.intake('rev-list', '--count', 'worker/add-greeting.1')).toBe('2');
});

/** Before the first push there is no branch to read. */
function wasPushed(list: () => string, name: string): boolean {
  try {
    return list().includes(name);
  } catch (error) {
    expect(error).toMatchObject({ status: 128 });
    return false;
  }
}
