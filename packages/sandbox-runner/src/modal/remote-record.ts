import type { SandboxSpec } from '@agentswarm/core';
import type { SandboxRecord, SandboxRecords } from '../handles/sandbox-record.ts';

/** What a remote sandbox was made as; its network and limits are made anew. Secrets are not part of it. */
export interface RecordedRemote {
  readonly spec: Omit<SandboxSpec, 'labels' | 'secrets'>;
  readonly startIn?: string;
}

export type RemoteRecord = SandboxRecord<RecordedRemote>;
export type RemoteRecords = SandboxRecords<RecordedRemote>;
