import { afterAll } from 'vitest';
import { runSandboxBackendSuite } from '../../src/testing.ts';
import { describeWithPython, startFakeModal, type FakeModal } from './fake-modal.ts';
import { modalBackend } from './modal-machine.ts';

describeWithPython('on a server that speaks as Modal does', () => {
  let modal: FakeModal | undefined;
  afterAll(() => modal?.[Symbol.asyncDispose]());
  runSandboxBackendSuite({
    name: 'modal',
    create: async () => {
      modal = await startFakeModal();
      return modalBackend(modal);
    },
    skip: [
      {
        reason: 'needs the guard inside',
        tests: [
          'ends all commands when there are too many processes, and keeps the files',
          'ends a command that takes too much memory',
          'ends a command that fills the disk',
          'ends a command that computes too long',
        ],
      },
      {
        reason: 'needs exact commands of the shim',
        tests: [
          'says that a program could not be started',
          'ends a command and its detached children at the time limit',
          'ends a command and its detached children on abort',
          'ends detached children with the command that started them',
          'gives exactly the environment asked for, and folders of its own',
          'refuses a write that makes one file too big, and lets the command go on',
        ],
      },
    ],
  });
});
