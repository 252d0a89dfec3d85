import { setImmediate } from 'node:timers/promises';
import { ARMS, type ArmName } from './arms.ts';
import { gitIn } from './git-in.ts';

/** One measurement in a process of its own: `run-arm.ts ARM STORE REMOTE WORK PATTERN COUNT` prints JSON. */
const [arm = '', store = '', remote = '', work = '', pattern = '', count = ''] = process.argv.slice(2);
const heads = gitIn(store, 'for-each-ref', '--format=%(objectname)', `refs/heads/${pattern}/`)
  .split('\n')
  .slice(0, Number(count));
const startedAtMs = performance.now();
const landed = await ARMS[arm as ArmName]({ store, remote, work, heads });
const ms = performance.now() - startedAtMs;
const maxRssMiB = process.resourceUsage().maxRSS / 1024;
// A turn later nothing of the arm is on the stack; what the first collection finalises goes with the second.
await setImmediate();
globalThis.gc?.();
globalThis.gc?.();
const heapMiB = process.memoryUsage().heapUsed / 1024 ** 2;
process.stdout.write(JSON.stringify({ ms, landed, branches: heads.length, maxRssMiB, heapMiB }));
