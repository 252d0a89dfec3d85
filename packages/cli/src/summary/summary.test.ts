import { describe, expect, it } from 'vitest';
import { finishedState, midwayState } from '../../test/synthetic-run.ts';
import { describeSetback, formatSummary } from './format-summary.ts';
import { summarizeRun } from './summarize.ts';

describe('summarizeRun', () => {
  it('says how each attempt that did not land ended', () => {
    expect(summarizeRun(finishedState()).setbacks.map(describeSetback)).toMatchInlineSnapshot(`
      [
        "vec3: conflicted (src/engine/index.ts), landed on attempt 2",
        "mesher: refused (src/noise.ts), landed on attempt 3",
        "mesher: failed (worker_died: exit 137), landed on attempt 3",
        "camera: ejected (npm test), landed on attempt 2",
      ]
    `);
  });

  it('does not claim an end that has not come', () => {
    const summary = summarizeRun(midwayState());
    expect(summary.outcome).toBe('unfinished');
    expect(summary.setbacks.map(({ taskId, ending }) => `${taskId}: ${ending}`)).toEqual([
      'vec3: landed on attempt 2',
      'mesher: attempt 2 in progress',
    ]);
    expect(summary.features).toEqual([
      { id: 'vec3', status: 'landed' },
      { id: 'noise', status: 'landed' },
      { id: 'mesher', status: 'in_progress' },
      { id: 'camera', status: 'in_progress' },
      { id: 'world', status: 'planned' },
    ]);
  });
});

describe('formatSummary', () => {
  it('tells what landed, what it took and how to try it', () => {
    const lines = formatSummary(summarizeRun(finishedState()), {
      tryCommands: ['npm install', 'npm run dev'],
    });
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "Goal met: the specification is met and the gate is green

        run        run-20261120-101500-k3f9, 1 planning round
        features   5 of 5 landed
        tasks      5 of 5 landed
        attempts   9 started, 5 landed, 1 conflicted, 1 ejected, 1 refused, 1 failed
                   vec3: conflicted (src/engine/index.ts), landed on attempt 2
                   mesher: refused (src/noise.ts), landed on attempt 3
                   mesher: failed (worker_died: exit 137), landed on attempt 3
                   camera: ejected (npm test), landed on attempt 2
        tokens     46.2k in, 7.0k out in 2 calls: planner 5.2k in, 900 out; worker 41.0k in, 6.1k out
        model      scripted-voxelcraft, owned by scripted
        wall time  1:11, 253.5 landings per hour
        isolation  bubblewrap
        repository /proj/voxelcraft.git, main at cccccccccc
        try it     git clone /proj/voxelcraft.git result && cd result
                   npm install
                   npm run dev"
    `);
  });

  it('quotes a remote with spaces in the command to copy', () => {
    const summary = summarizeRun(finishedState());
    const moved = { ...summary, repository: { ...summary.repository, remote: "/tmp/it's here" } };
    expect(formatSummary(moved).join('\n')).toContain(String.raw`git clone '/tmp/it'\''s here' result`);
  });
});
