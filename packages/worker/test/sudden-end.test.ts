import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startFakeGateway } from './fake-gateway.ts';
import { bash, write } from './replies.ts';
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
    bash('echo hello > greeting.txt; sleep 600; echo late > late.txt'),
  ]);
  const worker = startWorker(place, place.assignment(gateway.address));
  await worker.frame((frame) => frame.type === 'progress' && frame.phase === 'tool');
  await waitForFile(`${place.workdir}`, 'greeting.txt');
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ exitCode: 143 });
  expect(place.intake('ls-tree', '--name-only', 'worker/add-greeting.1')).toBe('README.md\ngreeting.txt');
  expect(readdirSync(`${place.root}/control`)).toEqual(['assignment.json']);
});

async function waitForFile(directory: string, name: string): Promise<void> {
  while (!readdirSync(directory).includes(name)) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('exits 143 on SIGTERM while the model is silent', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([write('greeting.txt', 'hello\n'), { hang: true }]);
  const worker = startWorker(place, place.assignment(gateway.address));
  await worker.frame((frame) => frame.type === 'commit');
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toMatchObject({ exitCode: 143 });
});
