import { createRedactor, Secret } from '@agentswarm/core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ARTIFACT_TYPES } from '../model/vocabulary.ts';
import { ArtifactStore, openArtifactRows, type NewArtifact } from './artifact-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'artifacts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DIGEST = 'd'.repeat(64);
let places = 0;
let fresh = 0;

function openStore(backend: 'in_memory' | 'sqlite', place: string, maxItems: number | null = null) {
  return new ArtifactStore({
    rows: openArtifactRows({ backend, db_path: `${place}.db`, max_items: maxItems }, folder),
    clock: { nowMs: () => 0 },
    ids: { hex: () => '0', uuid: () => `uuid-${(fresh += 1)}` },
    manifestDigest: DIGEST,
    redact: createRedactor([new Secret('canary-value')]),
  });
}

function output(task_id: string, node_id: string | null, fields: Partial<NewArtifact> = {}): NewArtifact {
  return { task_id, node_id, artifact_type: 'node_output', payload: { from: node_id }, ...fields };
}

describe.each(['in_memory', 'sqlite'] as const)('artifacts in %s', (backend) => {
  const open = (maxItems: number | null = null) => openStore(backend, `place-${(places += 1)}`, maxItems);

  it('names, stamps, copies, redacts and freezes what it keeps', () => {
    const store = open();
    const payload = { text: 'a canary-value here', list: [1] };
    const record = store.add(
      output('t1', 'n1', { payload, schema_ref: 's', additional_metadata: { node_role: 'linear' } }),
    );
    payload.list.push(2);
    expect(record).toEqual({
      metadata: {
        artifact_id: record.metadata.artifact_id,
        task_id: 't1',
        node_id: 'n1',
        artifact_type: 'node_output',
        timestamp: '1970-01-01T00:00:00.000Z',
        schema_ref: 's',
        additional_metadata: { node_role: 'linear', manifest_digest: DIGEST },
      },
      payload: { text: 'a *** here', list: [1] },
    });
    expect(store.get(record.metadata.artifact_id)).toEqual(record);
    expect(Object.isFrozen(store.get(record.metadata.artifact_id)?.payload)).toBe(true);
    store.close();
  });

  it('finds artifacts by task, node and type, in the order they were added', () => {
    const store = open();
    const added = [
      store.add(output('t1', 'a')),
      store.add(output('t2', 'a', { artifact_type: 'tool_result' })),
      store.add(output('t1', 'b', { artifact_type: 'tool_result' })),
      store.add(output('t1', null, { artifact_type: 'telemetry_snapshot' })),
    ];
    const pick = (...indexes: number[]) => indexes.map((index) => added[index]);
    expect(store.byTask('t1')).toEqual(pick(0, 2, 3));
    expect(store.byNode('a')).toEqual(pick(0, 1));
    expect(store.byType('tool_result')).toEqual(pick(1, 2));
    expect(store.byType('tool_result', 't1')).toEqual(pick(2));
    expect(store.byTask("x' OR 1=1 --")).toEqual([]);
    expect(store.get('unknown')).toBeUndefined();
    expect(store.list()).toEqual(added);
    store.close();
  });

  it('keeps the newest of too many, in every index', () => {
    const store = open(2);
    for (const node of ['a', 'b', 'c']) store.add(output('t', node));
    expect(store.byTask('t').map((record) => record.metadata.node_id)).toEqual(['b', 'c']);
    expect(store.byNode('a')).toEqual([]);
    expect(store.count()).toBe(2);
    store.close();
  });

  it('forgets the artifacts of one task, or all, in every index', () => {
    const store = open();
    const [, other] = ['t1', 't2', 't1'].map((task) => store.add(output(task, 'a')));
    store.clear('nobody');
    expect(store.count()).toBe(3);
    store.clear('t1');
    expect([store.list(), store.byTask('t1'), store.byNode('a')]).toEqual([[other], [], [other]]);
    store.clear();
    expect([store.count(), store.byNode('a'), store.get(other!.metadata.artifact_id)]).toEqual([
      0,
      [],
      undefined,
    ]);
    store.close();
  });

  it('answers like a list that is looked through', () => {
    const anArtifact = fc.record({
      task_id: fc.constantFrom('t1', 't2', '__proto__'),
      node_id: fc.option(fc.constantFrom('a', 'b', 'constructor'), { nil: null }),
      artifact_type: fc.constantFrom(...ARTIFACT_TYPES),
      payload: fc.jsonValue({ maxDepth: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(anArtifact, { maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (artifacts, maxItems) => {
          const store = open(maxItems);
          const kept = artifacts.map((artifact) => store.add(artifact)).slice(-maxItems);
          expect(store.list()).toEqual(kept);
          for (const task of ['t1', 't2', '__proto__', 'none']) {
            expect(store.byTask(task)).toEqual(kept.filter(({ metadata }) => metadata.task_id === task));
          }
          for (const node of ['a', 'constructor']) {
            expect(store.byNode(node)).toEqual(kept.filter(({ metadata }) => metadata.node_id === node));
          }
          for (const type of ARTIFACT_TYPES) {
            expect(store.byType(type)).toEqual(
              kept.filter(({ metadata }) => metadata.artifact_type === type),
            );
          }
          store.close();
        },
      ),
      { numRuns: 25 },
    );
  });
});

it('finds what an earlier process kept, and applies the limit to it', () => {
  const place = `lasting-${(places += 1)}`;
  const first = openStore('sqlite', place);
  const added = ['a', 'b', 'c'].map((node) => first.add(output('t', node)));
  first.close();
  const second = openStore('sqlite', place, 3);
  expect(second.byTask('t')).toEqual(added);
  expect(second.get(added[1]!.metadata.artifact_id)).toEqual(added[1]);
  const more = second.add(output('t', 'd'));
  expect(second.list()).toEqual([...added.slice(1), more]);
  second.close();
  expect(() => second.list()).toThrow(expect.objectContaining({ code: 'STORAGE_CLOSED' }) as Error);
});
