import { expect, it } from 'vitest';
import type { EventName, Occurrence } from '../model/engine-event.ts';
import type { MetricsProfile } from '../model/manifest-set.ts';
import type { MetricType } from '../model/vocabulary.ts';
import { EventBus } from '../telemetry/event-bus.ts';
import { MetricsCollector } from './metrics-collector.ts';
import { DEFAULT_METRICS } from '../manifests/parse-metrics.ts';
import { selectMetricsProfile } from './metrics-profile.ts';

function profile(...metrics: [string, MetricType][]): MetricsProfile {
  return {
    name: 'p',
    description: '',
    enabled: true,
    metrics: metrics.map(([name, type]) => ({
      name,
      type,
      enabled: true,
      tags: { team: 'x' },
      description: '',
    })),
  };
}

function createWorld(active: MetricsProfile | null) {
  let nowMs = 0;
  const clock = { nowMs: () => nowMs };
  const bus = new EventBus({ clock, metadata: {} });
  const collector = new MetricsCollector({ profile: active, clock });
  bus.subscribe((event) => collector.observe(event));
  const say = (atMs: number, name: EventName, fields: Partial<Occurrence> = {}) => {
    nowMs = atMs;
    bus.emit({ name, task_id: 't', stage_id: null, payload: {}, ...fields });
  };
  const values = (name: string) => collector.getSamples(name).map((sample) => sample.value);
  return { collector, say, values };
}

it('measures nodes, tools and tasks, also when they fail', () => {
  const { collector, say, values } = createWorld(DEFAULT_METRICS);
  say(0, 'task_started');
  say(1, 'node_started', { stage_id: 'a', payload: { role: 'linear', kind: 'agent', input: null } });
  say(2, 'tool_invoked', { stage_id: 'a', payload: { tool_id: 'read', inputs: {} } });
  say(5, 'tool_completed', { stage_id: 'a', payload: { tool_id: 'read' } });
  say(6, 'tool_invoked', { stage_id: 'a', payload: { tool_id: 'read' } });
  say(16, 'tool_failed', { stage_id: 'a', payload: { tool_id: 'read' } });
  say(21, 'node_failed', { stage_id: 'a' });
  say(30, 'task_completed', { payload: { status: 'failure' } });
  expect(values('tool_invocation_duration')).toEqual([3, 10]);
  expect(values('node_execution_duration')).toEqual([20]);
  expect(values('task_total_duration')).toEqual([30]);
  expect(values('node_execution_count')).toEqual([1]);
  expect(values('tool_invocation_count')).toEqual([1, 1]);
  expect(collector.getSamples('node_execution_duration')).toEqual([
    {
      metric_name: 'node_execution_duration',
      metric_type: 'timer',
      value: 20,
      timestamp: '1970-01-01T00:00:00.021Z',
      tags: { task_id: 't', node_id: 'a', status: 'failed' },
      metadata: {},
    },
  ]);
  expect(collector.getSamples('tool_invocation_duration').map(({ tags }) => tags['status'])).toEqual([
    'success',
    'failure',
  ]);
  expect(collector.getSamples('node_execution_count')[0]?.tags).toEqual({
    task_id: 't',
    node_id: 'a',
    role: 'linear',
    kind: 'agent',
  });
});

it('tells executions of one node apart by their number, and calls by their id', () => {
  const { say, values } = createWorld(DEFAULT_METRICS);
  say(0, 'node_started', { stage_id: 'n', payload: { seq: 1 } });
  say(10, 'node_started', { stage_id: 'n', payload: { seq: 2 } });
  say(11, 'node_completed', { stage_id: 'n', payload: { seq: 1 } });
  say(30, 'node_completed', { stage_id: 'n', payload: { seq: 2 } });
  say(30, 'tool_invoked', { payload: { tool_id: 'x', call_id: 'c1' } });
  say(31, 'tool_invoked', { payload: { tool_id: 'x', call_id: 'c2' } });
  say(33, 'tool_completed', { payload: { tool_id: 'x', call_id: 'c1' } });
  say(34, 'tool_completed', { payload: { tool_id: 'x', call_id: 'c2' } });
  say(99, 'node_completed', { stage_id: 'never-started' });
  expect(values('node_execution_duration')).toEqual([11, 20]);
  expect(values('tool_invocation_duration')).toEqual([3, 3]);
});

it('records what the profile names, with its type and tags, and nothing else', () => {
  const { collector, say } = createWorld(
    profile(
      ['policy_denial_count', 'counter'],
      ['queue_wait_duration', 'timer'],
      ['context_token_count', 'gauge'],
      ['node_execution_count', 'timer'],
      ['load', 'gauge'],
    ),
  );
  say(0, 'task_queued', { task_id: null, payload: { queued_task_id: 'q1' } });
  say(4, 'policy_denied', { payload: { target: 'tool/x', reason: 'no' } });
  say(5, 'context_assembled', { payload: { profile_id: 'p', item_count: 2, token_count: 40 } });
  say(6, 'node_started', { stage_id: 'a' });
  say(7, 'task_dequeued', { task_id: null, payload: { queued_task_id: 'q1' } });
  collector.recordGauge('load', 0.5, { host: 'h' });
  collector.recordGauge('policy_denial_count', 3);
  expect(collector.getSamples().map(({ metric_name, value, tags }) => [metric_name, value, tags])).toEqual([
    ['policy_denial_count', 1, { team: 'x', task_id: 't', target: 'tool/x' }],
    ['context_token_count', 40, { team: 'x', task_id: 't', profile_id: 'p' }],
    ['queue_wait_duration', 7, { team: 'x', queued_task_id: 'q1' }],
    ['load', 0.5, { team: 'x', host: 'h' }],
  ]);
  expect(collector.getSamples(undefined, 'gauge')).toHaveLength(2);
  collector.clear();
  expect(collector.getSamples()).toEqual([]);
});

it('collects nothing without an enabled profile or metric', () => {
  const off = { ...DEFAULT_METRICS, enabled: false };
  expect(selectMetricsProfile([off])).toBeNull();
  expect(selectMetricsProfile([off, DEFAULT_METRICS])).toBe(DEFAULT_METRICS);
  for (const active of [
    null,
    { ...off, metrics: off.metrics.map((metric) => ({ ...metric, enabled: false })) },
  ]) {
    const { collector, say } = createWorld(active);
    say(0, 'node_started');
    expect(collector.getSamples()).toEqual([]);
  }
});
