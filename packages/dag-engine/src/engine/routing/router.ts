import type { EngineErrorRecord } from '../model/error-record.ts';
import type { StageExecutionRecord } from '../model/stage-record.ts';
import type { Task } from '../model/task.ts';
import type { WorkflowNode } from '../model/workflow.ts';
import { snapshot } from '../tasks/snapshot.ts';
import { childrenOutcome } from './children-outcome.ts';
import {
  arrivals,
  arrivalsAndFailures,
  createGroup,
  failuresOf,
  isReady,
  NO_CARGO,
  ownerOf,
  waitedMerges,
  type Cargo,
  type Group,
  type Walker,
} from './group.ts';
import { mergeItemOf } from './merge-payload.ts';
import { NodeVisits } from './node-visits.ts';
import { planMerge } from './plan-merge.ts';
import { planRoute, ROUTED_BY_OUTPUT, type Route } from './plan-route.ts';
import type { RoutingFault } from './routing-fault.ts';
import type { RouteOutcome, RoutingRun } from './routing-run.ts';
import { TaskLedger } from './task-ledger.ts';

type Spawn = Extract<Route, { readonly kind: 'spawn' }>;

/** The state machine behind `routeTask`: one for each call. */
export class Router {
  readonly #run: RoutingRun;
  readonly #ledger: TaskLedger;
  readonly #visits: NodeVisits;
  readonly #signal: AbortSignal;
  /** In creation order: parents before their children. */
  readonly #walkers: Walker[] = [];
  /** First in, first out: whoever advances is queued behind everybody else. */
  readonly #queue: Walker[] = [];

  constructor(run: RoutingRun) {
    this.#run = run;
    this.#ledger = new TaskLedger(run);
    this.#signal = run.signal ?? new AbortController().signal;
    this.#visits = new NodeVisits(run, this.#ledger, this.#signal);
  }

  async route(entry: { readonly task: Task; readonly startNodeId: string }): Promise<RouteOutcome> {
    this.#ledger.started(entry.task);
    const root = this.#enqueueNew(entry.task, null, entry.startNodeId);
    // Sees what is appended meanwhile.
    for (const walker of this.#queue) {
      if (this.#signal.aborted) break;
      await this.#step(walker);
    }
    if (this.#signal.aborted) await this.#cancelAll();
    return { trace: this.#visits.trace, error: root.error };
  }

  async #step(walker: Walker): Promise<void> {
    const node = this.#run.graph.node(walker.nodeId);
    if (node.role === 'merge') return this.#arrive(walker);
    this.#ledger.entered(walker.task, node.id);
    const record = await this.#visits.execute(walker.task, node, walker.task.current_output);
    await this.#proceed(walker, node, record);
  }

  async #proceed(walker: Walker, node: WorkflowNode, record: StageExecutionRecord): Promise<void> {
    if (this.#signal.aborted) return;
    const { task } = walker;
    const completed = record.node_status === 'completed';
    const goesOn = completed || (node.continue_on_failure && !ROUTED_BY_OUTPUT.has(node.role));
    if (completed) this.#ledger.delivered(task, record.output);
    else if (goesOn) this.#ledger.degraded(task);
    await this.#run.onRecorded?.(task);
    if (goesOn) return this.#advance(walker, node);
    this.#ledger.routed(task, node, null);
    await this.#fail(walker, record.error);
  }

  async #advance(walker: Walker, node: WorkflowNode): Promise<void> {
    const { task } = walker;
    const route = planRoute(node, this.#run.graph.outEdges(node.id), task.current_output);
    switch (route.kind) {
      case 'follow':
        this.#ledger.followed(task, node, route);
        walker.nodeId = route.edge.to;
        this.#queue.push(walker);
        return;
      case 'spawn':
        this.#ledger.routed(task, node, node.role);
        return this.#spawn(walker, node, route);
      case 'exit':
        this.#ledger.routed(task, node, null);
        if (node.always_fail) {
          return this.#failWith(walker, node, {
            id: 'exit_always_fail',
            message: `exit "${node.id}" always fails`,
          });
        }
        this.#ledger.settled(task);
        return this.#conclude(walker);
      case 'fault':
        this.#ledger.routed(task, node, null);
        return this.#failWith(walker, node, route.fault);
    }
  }

  #spawn(walker: Walker, spawner: WorkflowNode, { type, children }: Spawn): void {
    const group = createGroup(type, walker, spawner);
    const { task } = walker;
    for (const { edge, label, index, input } of children) {
      const place = { stageId: spawner.id, index };
      const child =
        type === 'clone'
          ? this.#run.tasks.createClone(task, { ...place, output: input, branchLabel: label })
          : this.#run.tasks.createSubtask(task, { ...place, input, edgeLabel: label });
      const member = this.#enqueueNew(child, group, edge.to);
      group.members.push(member);
      group.moving.add(member);
    }
    walker.state = 'suspended';
    this.#ledger.suspended(task);
    const made = group.members.map((member) => member.task);
    this.#ledger.spawned(task, spawner, made);
  }

  /** A task gets to a merge. Without siblings it has nobody to wait for. */
  async #arrive(walker: Walker): Promise<void> {
    const inputs = [mergeItemOf(walker.task)];
    if (walker.group === null) return this.#fire(walker, { ...NO_CARGO, inputs });
    this.#park(walker, walker.group, { ...NO_CARGO, inputs, consumed: [walker] });
    await this.#settle(walker.group);
  }

  #park(walker: Walker, group: Group, cargo: Cargo): void {
    walker.state = 'parked';
    walker.cargo = cargo;
    walker.task.current_stage_id = walker.nodeId;
    this.#ledger.suspended(walker.task);
    group.moving.delete(walker);
    const waiting = group.parked.get(walker.nodeId);
    if (waiting) waiting.push(walker);
    else group.parked.set(walker.nodeId, [walker]);
  }

  /** Looks whether anything can join or end, now that a member parked or concluded. */
  async #settle(group: Group): Promise<void> {
    const { graph } = this.#run;
    for (const mergeId of waitedMerges(group, graph)) {
      if (this.#signal.aborted) return;
      if (!group.parked.has(mergeId) || !isReady(group, mergeId, graph)) continue;
      const owner = ownerOf(group, mergeId, graph);
      if (owner === null) await this.#joinLocally(group, mergeId);
      else await this.#joinOwned(group, mergeId, owner);
    }
    if (!this.#signal.aborted) await this.#end(group);
  }

  /** The first of those who wait carries on for all of them. */
  async #joinLocally(group: Group, mergeId: string): Promise<void> {
    const cargo = arrivals(group, mergeId);
    const carrier = group.members.find((member) => member.state === 'parked' && member.nodeId === mergeId);
    absorb(group, mergeId);
    if (!carrier) return;
    group.moving.add(carrier);
    await this.#fire(carrier, { ...cargo, consumed: cargo.consumed.filter((member) => member !== carrier) });
  }

  /** The parent carries on when the merge is its own join, else it brings everything to the outer one. */
  async #joinOwned(group: Group, mergeId: string, owner: Group): Promise<void> {
    const cargo = arrivalsAndFailures(group, mergeId);
    absorb(group, mergeId);
    group.resolved = true;
    const { parent } = group;
    parent.nodeId = mergeId;
    if (owner === group || parent.group === null) return this.#fire(parent, cargo);
    this.#park(parent, parent.group, { ...cargo, consumed: [...cargo.consumed, parent] });
    await this.#settle(parent.group);
  }

  /** Concludes the parent of a group in which nobody is left. */
  async #end(group: Group): Promise<void> {
    if (group.resolved || group.moving.size > 0 || group.parked.size > 0) return;
    group.resolved = true;
    const { parent, spawner } = group;
    const { verdict, output } = childrenOutcome(group);
    const joinId = this.#run.graph.joinOf(spawner.id);
    if (joinId !== null && group.concluded.every((member) => member.task.status === 'failed')) {
      parent.nodeId = joinId;
      return this.#fire(parent, failuresOf(group));
    }
    if (output !== undefined) this.#ledger.delivered(parent.task, output);
    if (verdict === 'failed') {
      const message = `every ${group.type} that "${spawner.id}" made failed`;
      return this.#failWith(parent, spawner, { id: 'children_failed', message });
    }
    if (verdict === 'partial') this.#ledger.degraded(parent.task);
    this.#ledger.settled(parent.task);
    await this.#conclude(parent);
  }

  /** Runs the merge a task stands at, or refuses to. */
  async #fire(walker: Walker, cargo: Cargo): Promise<void> {
    const { task } = walker;
    const node = this.#run.graph.node(walker.nodeId);
    const payload = snapshot({ merge_inputs: cargo.inputs, merge_failures: cargo.failures });
    walker.state = 'live';
    this.#ledger.entered(task, node.id);
    this.#ledger.merging(task, node, payload);
    const plan = planMerge(node, payload);
    if (plan.kind === 'run' && plan.degrades) this.#ledger.degraded(task);
    const record =
      plan.kind === 'run'
        ? await this.#visits.execute(task, node, payload)
        : this.#visits.refuse(task, node, { input: payload, fault: plan.fault });
    if (this.#signal.aborted) return;
    for (const consumed of cargo.consumed) await this.#consume(consumed, { task, node });
    await this.#proceed(walker, node, record);
  }

  async #consume(
    { task }: Walker,
    target: { readonly task: Task; readonly node: WorkflowNode },
  ): Promise<void> {
    this.#ledger.mergedInto(task, { task_id: target.task.task_id, node_id: target.node.id });
    this.#ledger.settled(task);
    this.#ledger.concluded(task);
    await this.#run.onConcluded?.(task);
  }

  #failWith(walker: Walker, node: WorkflowNode, fault: RoutingFault): Promise<void> {
    const error = this.#visits.errorOf(walker.task, node, fault);
    this.#ledger.blamed(walker.task, error);
    return this.#fail(walker, error);
  }

  #fail(walker: Walker, error: EngineErrorRecord | null): Promise<void> {
    walker.error = error;
    this.#ledger.failed(walker.task, error);
    return this.#conclude(walker);
  }

  async #conclude(walker: Walker): Promise<void> {
    walker.state = 'concluded';
    this.#ledger.concluded(walker.task);
    await this.#run.onConcluded?.(walker.task);
    const { group } = walker;
    if (group === null) return;
    group.moving.delete(walker);
    group.concluded.push(walker);
    await this.#settle(group);
  }

  /** Children first, so that no task ends before those it waited for. */
  async #cancelAll(): Promise<void> {
    for (const { task } of this.#walkers.toReversed()) {
      if (task.lifecycle === 'concluded') continue;
      this.#ledger.concluded(task, 'cancelled');
      await this.#run.onConcluded?.(task);
    }
  }

  #enqueueNew(task: Task, group: Group | null, nodeId: string): Walker {
    const walker: Walker = { task, group, state: 'live', nodeId, cargo: NO_CARGO, error: null };
    this.#walkers.push(walker);
    this.#queue.push(walker);
    return walker;
  }
}

function absorb(group: Group, mergeId: string): void {
  for (const member of group.parked.get(mergeId) ?? []) member.state = 'absorbed';
  group.parked.delete(mergeId);
}
