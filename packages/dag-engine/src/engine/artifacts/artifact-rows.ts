import type { ArtifactRecord } from '../model/artifact.ts';
import type { ArtifactType } from '../model/vocabulary.ts';

/** Which artifacts; all that is given must hold. */
export interface ArtifactFilter {
  readonly taskId?: string;
  readonly nodeId?: string;
  readonly type?: ArtifactType;
}

/** Where artifacts are kept. Contract: synchronous; lists are in the order of insertion. */
export interface ArtifactRows {
  insert(record: ArtifactRecord): void;
  get(artifactId: string): ArtifactRecord | undefined;
  select(filter: ArtifactFilter): readonly ArtifactRecord[];
  count(): number;
  /** Forgets everything, or everything of one task. */
  clear(taskId?: string): void;
  close(): void;
}
