import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { guardLabel, SESSION_BOUNDS } from '../../src/modal/guard/guard-terms.ts';
import { findLabelledProcesses } from '../../src/process/process-table.ts';
import { guardHere, serve } from './guard-setup.ts';

const program = fileURLToPath(new URL('hostile-guard.mjs', import.meta.url));

/** A guard that is somebody else, with a door to a socket where nobody reads. */
async function impostor(act: string) {
  const guard = guardHere({
    command: [process.execPath, program, act],
    doors: (folder) => [{ inside: { kind: 'port', port: 1 }, host: join(folder, 'host.sock') }],
  });
  const server = await serve(join(guard.folder, 'host.sock'), (socket) => socket.pause());
  return {
    guard,
    mostOpen: server.mostOpen,
    [Symbol.asyncDispose]: async () => {
      await guard[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

it.each(['noise', 'a false beginning', 'giant headers', 'many headers', 'many streams', 'an unknown door'])(
  'ends a guard that sends %s',
  async (act) => {
    await using setting = await impostor(act);
    await setting.guard.ended;
    await expect(setting.guard.ready).rejects.toMatchObject({ code: 'SANDBOX_SETUP_FAILED' });
    expect(setting.guard.complaints.length).toBeGreaterThan(0);
    expect(setting.guard.complaints.length).toBeLessThan(5);
    expect(setting.guard.complaints.join('').length).toBeLessThan(1_000);
    // Only one of these opens anything, and what it opens is bounded.
    expect(setting.mostOpen()).toBeLessThanOrEqual(
      act === 'many streams' ? SESSION_BOUNDS.connections + 8 : 0,
    );
  },
);

it('repeats no more than the beginning of endless complaints, as plain text', async () => {
  await using setting = await impostor('complaints');
  await expect.poll(() => setting.guard.complaints.length).toBe(20);
  await setting.guard[Symbol.asyncDispose]();
  expect(setting.guard.complaints).toHaveLength(20);
  for (const complaint of setting.guard.complaints) expect(complaint).toMatch(/^[\x20-\x7E]{1,700}$/);
});

it.each(['pings', 'stubbornness'])('is rid of a guard of endless %s', async (act) => {
  await using setting = await impostor(act);
  await expect.poll(() => setting.guard.complaints.length).toBeGreaterThan(0);
  await setting.guard[Symbol.asyncDispose]();
  expect(await findLabelledProcesses(guardLabel(setting.guard.sandboxId))).toEqual([]);
});
