import fc from 'fast-check';
import type { TaskResult } from '@agentswarm/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../../src/conformance/source-repository.ts';
import { runTask } from '../../../src/index.ts';
import { REF } from '../../task-setup.ts';
import { describeWithPython, type FakeModal } from '../fake-modal.ts';
import { modalBackend, startModalMachine } from '../modal-machine.ts';
import { ALL_COUNTS, ownShims, remoteTask, running, watch } from './remote-task.ts';

const RUNS = process.env['TEST_DEEP'] === undefined ? 2 : 60;
const TASKS = 3;
const CONTROL_CALLS = [
  ...['SandboxCreate', 'SandboxList', 'SandboxTagsGet', 'SandboxTagsSet', 'SandboxTerminate'],
  ...['SandboxWait', 'SandboxGetTaskId', 'TaskGetCommandRouterAccess'],
];
const COMMAND_CALLS = ['TaskExecStart', 'TaskExecStdioRead', 'TaskExecWait', 'TaskExecStdinWrite'];

/** A call that goes wrong in a way that a network or a busy service has. */
const callFault = fc.oneof(
  fc.record({
    rpc: fc.constantFrom(...CONTROL_CALLS, ...COMMAND_CALLS),
    kind: fc.constant('refuse'),
    status: fc.constantFrom('UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL'),
    when: fc.constantFrom('before', 'after'),
    skip: fc.nat(12),
  }),
  fc.record({
    rpc: fc.constantFrom(...COMMAND_CALLS),
    kind: fc.constant('cut'),
    afterBytes: fc.nat(4_000),
    skip: fc.nat(20),
  }),
  fc.record({
    rpc: fc.constantFrom(...CONTROL_CALLS, ...COMMAND_CALLS),
    kind: fc.constant('delay'),
    seconds: fc.constantFrom(0.1, 0.5),
    skip: fc.nat(12),
  }),
);
/** What happens while one of the tasks is at a count. */
const event = fc.record({
  at: fc.nat(39),
  what: fc.constantFrom('kill the shim', 'forget tokens', 'forget commands'),
});

describeWithPython('tasks in remote sandboxes, whatever goes wrong', () => {
  let modal: FakeModal;
  let source: SourceRepository;
  beforeAll(async () => {
    modal = await startModalMachine();
    source = await createSourceRepository();
  });
  afterAll(async () => {
    await modal[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  async function happen(what: string): Promise<void> {
    if (what === 'kill the shim') ownShims().forEach((pid) => process.kill(pid, 'SIGKILL'));
    else if (what === 'forget tokens') await modal.ask('expireTokens');
    else for (const { id } of await running(modal)) await modal.ask('loseExecs', { sandboxId: id });
  }

  it(
    'each have one result, which has what they handed in',
    async () => {
      const faults = fc.array(callFault, { maxLength: 6 });
      const events = fc.array(event, { maxLength: 2 });
      await fc.assert(
        fc.asyncProperty(faults, events, async (planned, happening) => {
          await modal.ask('reset');
          const left = [...happening];
          await using backend = modalBackend(modal);
          for (const fault of planned) await modal.ask('fault', fault);
          const attempts = Array.from({ length: TASKS }, async (_, index) => {
            const options = remoteTask(backend, source, 'talksSlowly');
            const kept: TaskResult[] = [];
            const ref = `${REF}-${index}`;
            const run = runTask({
              ...options,
              store: { ...options.store, ref },
              onResult: async (result) => void kept.push(result),
            });
            const [made] = await Promise.allSettled([run.sandboxId]);
            const { counts, result } = await watch(run, async (count) => {
              const [next] = left;
              if (next === undefined || next.at !== count) return;
              left.shift();
              await happen(next.what);
            });
            expect(kept).toEqual([result]);
            if (made.status === 'fulfilled' && counts.length > 0) {
              expect({ result, counts }).toMatchObject({
                result: { status: 'handed_off' },
                counts: ALL_COUNTS,
              });
              expect(result).toMatchObject({ head: await source.git('rev-parse', ref) });
            } else {
              // It came to nothing before its worker began, which is not to blame for it.
              expect(result).toMatchObject({ status: 'failed', reason: 'sandbox_failed' });
            }
          });
          await Promise.all(attempts);
          await modal.ask('clearFaults');
          expect(await running(modal)).toEqual([]);
          expect(await backend.list({})).toEqual([]);
        }),
        { numRuns: RUNS, timeout: 100_000 * RUNS, interruptAfterTimeLimit: 100_000 * RUNS },
      );
    },
    120_000 * RUNS,
  );
});
