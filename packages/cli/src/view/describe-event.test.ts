import { describe, expect, it } from 'vitest';
import { ENDING, MIDWAY, parseEvents, recordsOf, runStarted, START_MS } from '../../test/synthetic-run.ts';
import { describeEvent, isNotable } from './describe-event.ts';
import { formatRecord } from './line-views.ts';

describe('plain lines', () => {
  it('tell the story of a run, one line for each notable event', () => {
    const records = recordsOf([runStarted(), ...MIDWAY, ...ENDING]);
    const lines = records
      .filter(({ event }) => isNotable(event))
      .map((record) => formatRecord(record, START_MS));
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "   0:00  run run-20261120-101500-k3f9 on /proj/voxelcraft: 5 features, gate npm run typecheck && npm test, isolation bubblewrap
         0:01  planning round 1: the run starts
         0:03  planned in round 1: 5 tasks: vec3, noise, mesher, camera, world
         0:04  vec3.1: started from aaaaaaaaaa
         0:07  noise.1: started from aaaaaaaaaa
         0:10  mesher.1: started from aaaaaaaaaa
         0:14  vec3.1: handed off 1 file after 3 tool calls: vec3 works
         0:16  vec3.1: conflicted in src/engine/index.ts
         0:17  noise.1: handed off 1 file after 3 tool calls: noise works
         0:22  noise.1: landed as cccccccccc
         0:23  vec3.2: started from aaaaaaaaaa
         0:26  mesher.1: refused: files outside its scope: src/noise.ts
         0:27  vec3.2: handed off 1 file after 3 tool calls: vec3 works
         0:32  vec3.2: landed as cccccccccc
         0:33  mesher.2: started from aaaaaaaaaa
         0:36  camera.1: started from aaaaaaaaaa
         0:39  camera.1: handed off 1 file after 3 tool calls: camera works
         0:42  camera.1: ejected, gate failed: \`npm test\`: exit 1
         0:43  mesher.2: failed (worker_died): exit 137
         0:44  mesher.3: started from aaaaaaaaaa
         0:47  mesher.3: handed off 1 file after 3 tool calls: mesher works
         0:52  mesher.3: landed as cccccccccc
         0:53  camera.2: started from aaaaaaaaaa
         0:56  camera.2: handed off 1 file after 3 tool calls: camera works
         1:01  camera.2: landed as cccccccccc
         1:02  world.1: started from aaaaaaaaaa
         1:05  world.1: handed off 1 file after 3 tool calls: world works
         1:10  world.1: landed as cccccccccc
         1:11  run ended: goal_met (the specification is met and the gate is green), main at cccccccccc"
    `);
  });

  it('hold one line even when an event holds several', () => {
    const [event] = parseEvents([{ type: 'notice_raised', level: 'warning', message: 'one\ntwo' }]);
    expect(event && describeEvent(event)).toBe('warning: one two');
  });

  it('name main where it is gated without a branch', () => {
    const candidate = 'a'.repeat(40);
    const [event] = parseEvents([
      { type: 'gate_finished', tickets: [], candidate, verdict: 'fail', durationMs: 2000 },
    ]);
    expect(event && describeEvent(event)).toBe('gate fail for main in 0:02');
  });
});
