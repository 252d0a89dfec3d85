import type { EngineErrorRecord } from '../model/error-record.ts';
import type { Task } from '../model/task.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import { mergeItemOf, type MergeItem } from './merge-payload.ts';
import type { RoutingGraph } from './routing-graph.ts';

/** A task on its way through the DAG. */
export interface Walker {
  readonly task: Task;
  /** The siblings it was made with; `null` for the root. */
  readonly group: Group | null;
  /**
   * `live`: runs or is queued. `suspended`: its children run. `parked`: waits at the merge `nodeId`.
   * `absorbed`: went into a merge.
   */
  state: 'live' | 'suspended' | 'parked' | 'absorbed' | 'concluded';
  /** Where it is or goes next; of a suspended one the branch or split. */
  nodeId: string;
  /** What it brings to the merge it waits at. */
  cargo: Cargo;
  /** Why it failed. */
  error: EngineErrorRecord | null;
}

/** What goes into a merge, in member order. */
export interface Cargo {
  readonly inputs: readonly MergeItem[];
  readonly failures: readonly MergeItem[];
  /** Tasks that end with the merge, children before the parent that waited for them. */
  readonly consumed: readonly Walker[];
}

/** The children of one execution of a branch or split. */
export interface Group {
  readonly type: 'clone' | 'subtask';
  readonly parent: Walker;
  readonly spawner: WorkflowNode;
  readonly members: Walker[];
  /** Members that are live or suspended. */
  readonly moving: Set<Walker>;
  /** Members waiting, by merge. */
  readonly parked: Map<string, Walker[]>;
  /** In the order they concluded. */
  readonly concluded: Walker[];
  /** Whether it has had its effect on the parent; members left then run on alone. */
  resolved: boolean;
}

export const NO_CARGO: Cargo = { inputs: [], failures: [], consumed: [] };

export function createGroup(type: Group['type'], parent: Walker, spawner: WorkflowNode): Group {
  return {
    type,
    parent,
    spawner,
    members: [],
    moving: new Set(),
    parked: new Map(),
    concluded: [],
    resolved: false,
  };
}

/** Whether no member that still moves can get to the merge. */
export function isReady(group: Group, mergeId: string, graph: RoutingGraph): boolean {
  return !group.moving.values().some((member) => graph.reaches(member.nodeId, mergeId));
}

/** The outermost group that joins at the merge, seen from a group with members there. */
export function ownerOf(group: Group, mergeId: string, graph: RoutingGraph): Group | null {
  let owner: Group | null = null;
  let current: Group | null = group;
  while (current && !current.resolved) {
    if (graph.joinOf(current.spawner.id) === mergeId) owner = current;
    current = current.parent.group;
  }
  return owner;
}

/** Merges where members wait, in declaration order. */
export function waitedMerges(group: Group, graph: RoutingGraph): readonly string[] {
  if (group.parked.size < 2) return [...group.parked.keys()];
  return graph.nodes.map((node) => node.id).filter((id) => group.parked.has(id));
}

/** What the members parked at a merge bring together, without the failures of their own group. */
export function arrivals(group: Group, mergeId: string): Cargo {
  const waiting = new Set(group.parked.get(mergeId));
  return combined(group.members.filter((member) => waiting.has(member)).map((member) => member.cargo));
}

/** The same with the failures of the group, each in its member's place. */
export function arrivalsAndFailures(group: Group, mergeId: string): Cargo {
  const waiting = new Set(group.parked.get(mergeId));
  return combined(
    group.members.flatMap((member) => {
      if (waiting.has(member)) return [member.cargo];
      return hasFailed(member) ? [{ ...NO_CARGO, failures: [mergeItemOf(member.task)] }] : [];
    }),
  );
}

/** The failures of a group in which nothing else is left. */
export function failuresOf(group: Group): Cargo {
  const failures = group.members.filter(hasFailed).map((member) => mergeItemOf(member.task));
  return { ...NO_CARGO, failures };
}

function hasFailed(member: Walker): boolean {
  return member.state === 'concluded' && member.task.status === 'failed';
}

function combined(cargoes: readonly Cargo[]): Cargo {
  return {
    inputs: cargoes.flatMap((cargo) => cargo.inputs),
    failures: cargoes.flatMap((cargo) => cargo.failures),
    consumed: cargoes.flatMap((cargo) => cargo.consumed),
  };
}
