import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLabelledProcesses, sandboxLabel } from '../src/process/process-table.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from './local-machine.ts';

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200 && !(await condition()); attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(await condition()).toBe(true);
}

/** Starts a process with a sandbox and gives both once commands run in it. */
async function startParent(root: string, isolation: string) {
  const script = join(import.meta.dirname, 'crash-parent.ts');
  const args = ['--conditions=@agentswarm/source', script, root, isolation];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  return { parent, id: line.toString().trim().split(' ')[1] ?? '' };
}

describe.each(ISOLATIONS)('with isolation %s', (isolation) => {
  it('leaves no process after its own process was killed, once reaped', async () => {
    const root = temporaryFolder('crash');
    const { parent, id } = await startParent(root, isolation);
    const alive = () => findLabelledProcesses(sandboxLabel(id));
    expect((await alive()).length).toBeGreaterThan(1);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    // Isolated processes end by themselves; the others are found by their label.
    if (isolation === 'auto') await until(async () => (await alive()).length === 0);
    else expect((await alive()).length).toBeGreaterThan(1);

    await using backend = localBackend(isolation, { root });
    expect(await backend.list({ run: 'run-crash' })).toMatchObject([{ id }]);
    expect(await backend.reap({ run: 'run-other' })).toBe(0);
    expect(await backend.reap({ run: 'run-crash' })).toBe(1);
    await until(async () => (await alive()).length === 0);
    expect(await backend.list({})).toEqual([]);
    expect(readdirSync(join(root, 'sandboxes'))).toEqual([]);
  });

  it('does not reap the sandbox of another live process', async () => {
    const root = temporaryFolder('live');
    const { parent, id } = await startParent(root, isolation);
    await using backend = localBackend(isolation, { root });
    expect(await backend.reap({ run: 'run-crash' })).toBe(0);
    expect((await findLabelledProcesses(sandboxLabel(id))).length).toBeGreaterThan(1);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    expect(await backend.reap({ run: 'run-crash' })).toBe(1);
  });

  it('reaps when the process id of a dead owner was given to another process', async () => {
    const root = temporaryFolder('reused');
    const { parent, id } = await startParent(root, isolation);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    const [name = ''] = readdirSync(join(root, 'sandboxes')).filter((found) => found.startsWith(`${id}.`));
    const file = join(root, 'sandboxes', name);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { owner: { pid: number } };
    record.owner.pid = process.pid;
    writeFileSync(file, JSON.stringify(record));
    await using backend = localBackend(isolation, { root });
    expect(await backend.reap({ run: 'run-crash' })).toBe(1);
    expect(existsSync(file)).toBe(false);
  });

  it('removes everything when the backend is disposed', async () => {
    const root = temporaryFolder('dispose');
    const backend = localBackend(isolation, { root });
    const sandbox = await backend.create({ labels: { run: 'run-dispose', purpose: 'command' } });
    const exec = sandbox.exec({ command: ['sh', '-c', 'mkdir -p a/b; chmod 000 a/b a; sleep 600'] });
    await until(async () => (await findLabelledProcesses(sandboxLabel(sandbox.id))).length > 0);
    await backend[Symbol.asyncDispose]();
    expect((await exec.result).reason).toBe('aborted');
    expect(await findLabelledProcesses(sandboxLabel(sandbox.id))).toEqual([]);
    expect(readdirSync(join(root, 'sandboxes'))).toEqual([]);
    await expect(
      backend.create({ labels: { run: 'run-dispose', purpose: 'command' } }),
    ).rejects.toMatchObject({ code: 'SANDBOX_TERMINATED' });
  });
});
