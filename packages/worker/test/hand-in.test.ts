import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFakeGateway, type Reply } from './fake-gateway.ts';
import { bash, submit, write } from './replies.ts';
import { createWorkplace, errorsOf, runToEnd } from './worker-fixture.ts';

const BRANCH = 'worker/add-greeting.1';

async function handIn(replies: readonly Reply[], prepare: (workdir: string) => void = () => {}) {
  const place = createWorkplace();
  prepare(place.workdir);
  await using gateway = await startFakeGateway([...replies, submit()]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  return { ...result, place };
}

test("keeps the agent's own commits and adds the remainder as one commit", async () => {
  const { exitCode, place } = await handIn([
    write('greeting.txt', 'hello\n'),
    bash('git add greeting.txt && git commit -q -m "add greeting"'),
    write('extra.txt', 'more\n'),
  ]);
  using _place = place;
  expect(exitCode).toBe(0);
  expect(place.intake('log', '--format=%s|%ae', BRANCH)).toBe(
    [
      'add-greeting: Add the greeting|worker@agentswarm.invalid',
      'add greeting|worker@agentswarm.invalid',
      'base|base@example.invalid',
    ].join('\n'),
  );
});

test('leaves no snapshot in the history and nothing uncommitted', async () => {
  const { exitCode, place, frames } = await handIn([
    write('greeting.txt', 'h\n'),
    write('greeting.txt', 'hello\n'),
    bash('echo ignored > debug.log; echo "*.log" > .gitignore; rm README.md'),
  ]);
  using _place = place;
  expect(exitCode).toBe(0);
  expect(frames.filter((frame) => frame.type === 'commit').length).toBeGreaterThan(1);
  expect(place.intake('rev-list', '--count', BRANCH)).toBe('2');
  expect(place.intake('ls-tree', '--name-only', BRANCH)).toBe('.gitignore\ngreeting.txt');
  expect(place.git('status', '--porcelain')).toBe('');
});

test('hands in a detached HEAD and another branch alike', async () => {
  for (const command of ['git checkout -q --detach', 'git checkout -q -b elsewhere']) {
    const { exitCode, place } = await handIn([bash(command), write('greeting.txt', 'hello\n')]);
    using _place = place;
    expect(exitCode).toBe(0);
    expect(place.intake('show', `${BRANCH}:greeting.txt`)).toBe('hello');
    expect(place.intake('for-each-ref', '--format=%(refname)')).toBe(`refs/heads/${BRANCH}`);
  }
});

test('refuses a HEAD that does not descend from the base', async () => {
  const { exitCode, place, frames } = await handIn([
    bash('git checkout -q --orphan fresh && git commit -q -m fresh'),
  ]);
  using _place = place;
  expect(exitCode).toBe(1);
  const errors = errorsOf(frames);
  expect(errors.map((error) => error.code)).toEqual(['commit_failed']);
  expect(errors[0]?.message).toContain(`does not descend from the base ${place.base}`);
  expect(() => place.handoff()).toThrow();
});

test('reports a refused push and writes no handoff', async () => {
  const { exitCode, place, frames } = await handIn([bash('mv ../intake.git ../gone.git')]);
  using _place = place;
  expect(exitCode).toBe(1);
  expect(errorsOf(frames).map((error) => error.code)).toEqual(['commit_failed']);
  expect(() => place.handoff()).toThrow();
});

test('is not stopped by hooks or signing configured in the checkout', async () => {
  const { exitCode, place } = await handIn([write('greeting.txt', 'hello\n')], (workdir) => {
    for (const hook of ['pre-commit', 'pre-push', 'commit-msg']) {
      writeFileSync(join(workdir, '.git/hooks', hook), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    }
    writeFileSync(join(workdir, '.git/config'), '[commit]\n\tgpgSign = true\n', { flag: 'a' });
  });
  using _place = place;
  expect(exitCode).toBe(0);
  expect(place.intake('show', `${BRANCH}:greeting.txt`)).toBe('hello');
});

test('respects the exclude file of the checkout', async () => {
  const { exitCode, place } = await handIn(
    [write('node_modules/x.js', '1\n'), write('greeting.txt', 'hello\n')],
    (workdir) => writeFileSync(join(workdir, '.git/info/exclude'), 'node_modules\n'),
  );
  using _place = place;
  expect(exitCode).toBe(0);
  expect(place.intake('ls-tree', '--name-only', BRANCH)).toBe('README.md\ngreeting.txt');
});
