import { PluginBase, type EngineEvent } from '@agentswarm/dag-engine/engine';

/** Counts what a node decided. It watches; nothing it does changes a run. */
export class VerdictCounter extends PluginBase {
  readonly counts = new Map<string, number>();

  override onEvent({ name, stage_id, payload }: EngineEvent): void {
    const { decision } = payload;
    if (name !== 'routing_decision' || stage_id !== this.config['node']) return;
    if (typeof decision === 'string') this.counts.set(decision, (this.counts.get(decision) ?? 0) + 1);
  }
}
