import { INITIAL_RUN_STATE } from '@agentswarm/core';
import { describe, expect, it } from 'vitest';
import { midwayState } from '../../test/synthetic-run.ts';
import { renderFrame } from './live-frame.ts';
import { plainPaint } from './paint.ts';
import { widthOf } from './terminal-text.ts';

const at = (columns: number, rows: number) => {
  const state = midwayState();
  return renderFrame(state, { nowMs: state.lastAtMs + 500, columns, rows, paint: plainPaint });
};

describe('renderFrame', () => {
  it('shows workers, tasks, queue, landings, tokens, elapsed and progress', () => {
    expect(at(100, 40).join('\n')).toMatchInlineSnapshot(`
      "AgentSwarm  run-20261120-101500-k3f9 on /proj/voxelcraft                                        0:41
      ████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 2/5 features landed
      tasks 2 landed · 1 running · 1 queued · 1 waiting
      model scripted-voxelcraft (owned by scripted) · 2 calls · 46.2k in, 7.0k out

      workers 1 of 4
        mesher.2   0:08  3 tool calls   bash: npm test

      merge queue 1
        camera.1 in the gate

      latest of 2 landings
         0:32  landed      vec3.2  cccccccccc
         0:26  refused     mesher.1: src/noise.ts
         0:22  landed      noise.1  cccccccccc
         0:14  conflicted  vec3.1: src/engine/index.ts"
    `);
  });

  it('shows something before the first event', () => {
    const frame = renderFrame(INITIAL_RUN_STATE, { nowMs: 0, columns: 60, rows: 20, paint: plainPaint });
    expect(frame.join('\n')).toMatchInlineSnapshot(`
      "AgentSwarm  starting                                    0:00
      ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0/0 features landed
      tasks none planned yet
      model 0 calls · 0 in, 0 out"
    `);
  });

  it.each([20, 33, 47, 48, 55, 80, 120])('never exceeds %i columns', (columns) => {
    expect(Math.max(...at(columns, 30).map(widthOf))).toBeLessThanOrEqual(columns);
  });

  it.each([3, 8, 12, 16, 24])('leaves one of %i rows free', (rows) => {
    expect(at(80, rows).length).toBeLessThan(rows);
  });

  it('says how many lines a low terminal leaves out', () => {
    expect(at(80, 14).join('\n')).toContain('more');
  });
});
