import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startFakeGateway } from './fake-gateway.ts';
import { bash, submit, write } from './replies.ts';
import { createWorkplace, runToEnd, startWorker } from './worker-fixture.ts';

test('leaves its work in the intake when a command kills it', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([write('greeting.txt', 'hello\n'), bash('kill -9 $PPID')]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  expect(place.intake('show', 'worker/add-greeting.1:greeting.txt')).toBe('hello');
  expect(place.intake('rev-parse', 'worker/add-greeting.1^')).toBe(place.base);
  expect(result.frames.filter((frame) => frame.type === 'commit')).toHaveLength(1);
});

test('pushes a snapshot and exits 143 on SIGTERM, ending the running command', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    bash('echo hello > greeting.txt; echo $$ > $TMPDIR/pid; sleep 600; echo late > late.txt'),
  ]);
  const worker = startWorker(place, place.assignment(gateway.address));
  await worker.frame((frame) => frame.type === 'progress' && frame.phase === 'tool');
  const pidFile = `${place.env.TMPDIR}/pid`;
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
  const shell = Number(readFileSync(pidFile, 'utf8'));
  expect(groupExists(shell)).toBe(true);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ exitCode: 143 });
  expect(place.intake('ls-tree', '--name-only', 'worker/add-greeting.1')).toBe('README.md\ngreeting.txt');
  await until(() => !groupExists(shell));
  expect(readdirSync(`${place.root}/control`)).toEqual(['assignment.json', 'frames.ndjson']);
});

/** The time limit of the test is the limit of the wait. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

function groupExists(processGroup: number): boolean {
  try {
    return process.kill(-processGroup, 0);
  } catch (error) {
    expect(String(error)).toContain('ESRCH');
    return false;
  }
}

test('exits 143 on SIGTERM while the model is silent', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([write('greeting.txt', 'hello\n'), { hang: true }]);
  const worker = startWorker(place, place.assignment(gateway.address));
  await worker.frame((frame) => frame.type === 'commit');
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ exitCode: 143 });
});

test('finishes and hands in when the readers of its output go away', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    write('greeting.txt', 'hello\n'),
    bash('sleep 0.2'),
    write('greeting.txt', 'hello!\n'),
    submit(),
  ]);
  const worker = startWorker(place, place.assignment(gateway.address));
  await worker.frame((frame) => frame.type === 'commit');
  worker.child.stdout.destroy();
  worker.child.stderr.destroy();
  expect(await worker.ended).toMatchObject({ exitCode: 0 });
  expect(place.handoff()).toMatchObject({ head: place.intake('rev-parse', 'worker/add-greeting.1') });
  expect(place.intake('show', 'worker/add-greeting.1:greeting.txt')).toBe('hello!');
});
