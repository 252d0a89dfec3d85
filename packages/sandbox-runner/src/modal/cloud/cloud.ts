import type { SandboxLabels } from '@agentswarm/core';
import { isSandboxGone } from '../shim/explain-failure.ts';
import type { ShimKeeper } from '../shim/shim-keeper.ts';
import { idTags, labelTags, readTags, tagsOf, type Claim, type CloudFacts } from './tags.ts';

/** How long a claim holds; it is made anew far more often. */
export const LEASE_MS = 20 * 60_000;

/** A sandbox that runs, as the cloud tells. */
export interface CloudSandbox extends CloudFacts {
  readonly remoteId: string;
}

/** One of ours: all that the cloud is told of it but who takes care of it. */
export type NamedSandbox = Omit<CloudSandbox, 'claim'>;

/** What is asked of the cloud about sandboxes as a whole, whoever made them. */
export interface Cloud {
  /** Running ones. */
  list(labels: Partial<SandboxLabels>): Promise<readonly CloudSandbox[]>;
  /** All that bear one id of ours: one, or after a create that nobody saw the end of maybe more. */
  find(id: string): Promise<readonly CloudSandbox[]>;
  isRunning(remoteId: string): Promise<boolean>;
  /** Also one that has ended. */
  terminate(remoteId: string): Promise<void>;
  claim(sandbox: NamedSandbox, claim: Claim): Promise<void>;
}

export function createCloud(shims: ShimKeeper): Cloud {
  const list = async (tags: Record<string, string>) => {
    const connection = await shims.connect();
    const { sandboxes } = await connection.call('sandbox.list', { tags });
    return sandboxes.flatMap(({ sandboxId, tags: its }) => {
      const facts = readTags(its);
      return facts === undefined ? [] : [{ ...facts, remoteId: sandboxId }];
    });
  };
  return {
    list: (labels) => list(labelTags(labels)),
    find: (id) => list(idTags(id)),
    isRunning: async (remoteId) => {
      try {
        const connection = await shims.connectTo(remoteId);
        return (await connection.call('sandbox.poll', { sandboxId: remoteId })).running;
      } catch (error) {
        if (isSandboxGone(error)) return false;
        throw error;
      }
    },
    terminate: async (remoteId) => {
      const connection = await shims.connect();
      await connection.call('sandbox.terminate', { sandboxId: remoteId });
    },
    claim: async ({ remoteId, ...facts }, claim) => {
      const connection = await shims.connectTo(remoteId);
      await connection.call('sandbox.setTags', { sandboxId: remoteId, tags: tagsOf({ ...facts, claim }) });
    },
  };
}
