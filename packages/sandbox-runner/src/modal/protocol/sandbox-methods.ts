import { z } from 'zod';
import { Image, InsidePath, Milliseconds, Network, Range, SandboxId, Texts, Volume } from './values.ts';

const OneSandbox = z.strictObject({ sandboxId: SandboxId });
const Nothing = z.strictObject({});
const SandboxState = z.strictObject({
  sandboxId: SandboxId,
  running: z.boolean(),
  exitCode: z.int().optional(),
});

/** What can be done with a sandbox as a whole. */
export const SANDBOX_METHODS = {
  'sandbox.create': {
    description: 'Cancelled or failed, it leaves no sandbox behind.',
    params: z.strictObject({
      image: Image.optional().describe('Default: Debian slim of this SDK.'),
      command: z.array(z.string()).min(1).optional().describe('Entrypoint; default one that sleeps.'),
      cpu: Range.optional(),
      memoryMb: Range.optional(),
      timeoutMs: Milliseconds.describe(
        'Of its whole life, in full seconds upwards. Cannot be changed later.',
      ),
      idleTimeoutMs: Milliseconds.optional(),
      workdir: InsidePath.optional(),
      env: Texts.optional(),
      secrets: z.array(z.string()).optional().describe('Names of secrets that the account holds.'),
      volumes: z.array(Volume).optional(),
      network: Network,
      region: z.string().optional(),
      name: z.string().optional(),
      tags: Texts,
    }),
    result: OneSandbox,
  },
  'sandbox.attach': { params: OneSandbox, result: SandboxState },
  'sandbox.poll': { params: OneSandbox, result: SandboxState },
  'sandbox.list': {
    description: 'Running sandboxes of the app that have all of the tags, newest first.',
    params: z.strictObject({ tags: Texts }),
    result: z.strictObject({ sandboxes: z.array(z.strictObject({ sandboxId: SandboxId, tags: Texts })) }),
  },
  'sandbox.setTags': {
    description: 'Replaces all tags.',
    params: z.strictObject({ sandboxId: SandboxId, tags: Texts }),
    result: Nothing,
  },
  'sandbox.renew': {
    description: 'Always NOT_SUPPORTED: Modal fixes the lifetime at creation.',
    params: OneSandbox,
    result: Nothing,
  },
  'sandbox.detach': {
    description: 'Closes the connection to it; the sandbox stays.',
    params: OneSandbox,
    result: Nothing,
  },
  'sandbox.terminate': {
    description: 'Also of a sandbox that is not attached, or has ended.',
    params: OneSandbox,
    result: Nothing,
  },
} as const;
