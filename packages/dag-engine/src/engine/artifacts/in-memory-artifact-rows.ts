import type { ArtifactRecord } from '../model/artifact.ts';
import type { ArtifactFilter, ArtifactRows } from './artifact-rows.ts';

type Index = Map<string | null, Map<string, ArtifactRecord>>;

/** Keeps artifacts for as long as the process lives, at most `maxItems`: the oldest go. */
export function createInMemoryArtifactRows(maxItems: number | null): ArtifactRows {
  const byId = new Map<string, ArtifactRecord>();
  const byTask: Index = new Map();
  const byNode: Index = new Map();

  const forget = (record: ArtifactRecord) => {
    const { artifact_id, task_id, node_id } = record.metadata;
    byId.delete(artifact_id);
    removeFrom(byTask, task_id, artifact_id);
    removeFrom(byNode, node_id, artifact_id);
  };
  const candidates = ({ taskId, nodeId }: ArtifactFilter) => {
    if (taskId !== undefined) return byTask.get(taskId);
    return nodeId === undefined ? byId : byNode.get(nodeId);
  };

  return {
    insert(record) {
      const { artifact_id, task_id, node_id } = record.metadata;
      const former = byId.get(artifact_id);
      if (former !== undefined) forget(former);
      byId.set(artifact_id, record);
      addTo(byTask, task_id, record);
      addTo(byNode, node_id, record);
      for (const oldest of byId.values()) {
        if (maxItems === null || byId.size <= maxItems) break;
        forget(oldest);
      }
    },
    get: (artifactId) => byId.get(artifactId),
    select: (filter) => [...(candidates(filter)?.values() ?? [])].filter((record) => matches(record, filter)),
    count: () => byId.size,
    clear(taskId) {
      const gone = taskId === undefined ? byId : byTask.get(taskId);
      for (const record of [...(gone?.values() ?? [])]) forget(record);
    },
    close: () => undefined,
  };
}

function addTo(index: Index, key: string | null, record: ArtifactRecord): void {
  const records = index.get(key) ?? new Map<string, ArtifactRecord>();
  index.set(key, records.set(record.metadata.artifact_id, record));
}

function removeFrom(index: Index, key: string | null, artifactId: string): void {
  const records = index.get(key);
  records?.delete(artifactId);
  if (records?.size === 0) index.delete(key);
}

function matches({ metadata }: ArtifactRecord, { taskId, nodeId, type }: ArtifactFilter): boolean {
  return (
    (taskId === undefined || metadata.task_id === taskId) &&
    (nodeId === undefined || metadata.node_id === nodeId) &&
    (type === undefined || metadata.artifact_type === type)
  );
}
