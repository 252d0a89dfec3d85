import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFakeGateway } from './fake-gateway.ts';
import { bash, submit, write } from './replies.ts';
import { createWorkplace, entries, runToEnd, TOKEN } from './worker-fixture.ts';

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('shows its token to nobody: not to commands, frames, logs or files', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    bash('printenv; cat /proc/$PPID/environ /proc/$PPID/cmdline | tr "\\0" "\\n"; printenv > env.txt'),
    submit(),
  ]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(0);
  expect(gateway.requests[0]?.authorization).toBe(`Bearer ${TOKEN}`);
  expect(result.stdout).not.toContain(TOKEN);
  expect(result.stderr).not.toContain(TOKEN);
  const printed = String(entries(result.frames, 'tool_result')[0]?.['text']);
  expect(printed).toContain(`HOME=${place.env.HOME}`);
  const files = filesUnder(place.root);
  expect(files).toContain(join(place.workdir, 'env.txt'));
  for (const file of files) expect(readFileSync(file, 'latin1'), file).not.toContain(TOKEN);
  const names = readFileSync(join(place.workdir, 'env.txt'), 'utf8')
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names.filter((name) => name?.startsWith('PI_'))).toEqual([]);
});

test('redacts its token from what an endpoint says', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway(() => ({
    status: 401,
    body: JSON.stringify({ error: { message: `bad key ${TOKEN}` } }),
  }));
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(JSON.stringify(result.frames)).toContain('bad key ***');
  expect(readFileSync(place.framesPath, 'utf8') + result.stdout + result.stderr).not.toContain(TOKEN);
});

test('keeps its frames apart from what anybody prints', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway([
    bash('echo noise; echo noise >&2; (sleep 0.05; echo later) &'),
    submit(),
  ]);
  const result = await runToEnd(place, place.assignment(gateway.address));
  expect(result.exitCode).toBe(0);
  // The fixture parses every line as a frame and throws on anything else.
  expect(result.frames).toHaveLength(readFileSync(place.framesPath, 'utf8').trimEnd().split('\n').length);
  expect(result.frames.at(-1)).toMatchObject({ type: 'progress', phase: 'done' });
});

function canSandbox(): boolean {
  return spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-net', 'true']).status === 0;
}

test.skipIf(!canSandbox())('needs no network and no writable file outside its own directories', async () => {
  using place = createWorkplace();
  await using gateway = await startFakeGateway(
    [write('greeting.txt', 'hello\n'), bash('touch /usr/proof || echo read-only'), submit()],
    { socket: place.socket },
  );
  const own = ['home', 'tmp', 'work', 'control', 'intake.git'].map((name) => join(place.root, name));
  const result = await runToEnd(place, place.assignment(gateway.address), {
    wrapper: [
      ...['bwrap', '--die-with-parent', '--unshare-net', '--unshare-pid', '--ro-bind', '/', '/'],
      ...['--dev', '/dev', '--proc', '/proc', ...own.flatMap((path) => ['--bind', path, path])],
    ],
  });
  expect(result).toMatchObject({ exitCode: 0 });
  expect(entries(result.frames, 'tool_result')[1]?.['text']).toContain('read-only');
  expect(place.intake('show', 'worker/add-greeting.1:greeting.txt')).toBe('hello');
  expect(filesUnder(place.env.HOME)).toEqual([]);
});

test('ignores settings, skills and prompts of user and project', async () => {
  using place = createWorkplace({
    'README.md': 'hello\n',
    'AGENTS.md': 'Project guidance.\n',
    'CLAUDE.md': 'CANARY-CLAUDE\n',
  });
  execFileSync('sh', [
    '-c',
    `mkdir -p "$1/.pi/agent/skills/x" "$2/.pi" && printf -- '---\\nname: x\\ndescription: CANARY-SKILL\\n---\\n' > "$1/.pi/agent/skills/x/SKILL.md" &&
     echo CANARY-USER > "$1/.pi/agent/AGENTS.md" && echo CANARY-SYSTEM > "$2/.pi/SYSTEM.md" && echo '{"defaultTools":["ls"]}' > "$2/.pi/settings.json"`,
    'sh',
    place.env.HOME,
    place.workdir,
  ]);
  await using gateway = await startFakeGateway([submit()]);
  await runToEnd(place, place.assignment(gateway.address));
  const sent = JSON.stringify(gateway.requests[0]?.body);
  expect(sent).not.toContain('CANARY');
  expect(sent.split('Project guidance.')).toHaveLength(2);
});
