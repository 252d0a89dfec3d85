// Preloaded into the unmodified command: kills the process around the nth event that reaches its journal.
// CRASH_AT=<n>, CRASH_WHEN=before|after, CRASH_TYPE=<type of the events that count; default all>
import { StatementSync } from 'node:sqlite';

const at = Number(process.env.CRASH_AT);
const before = process.env.CRASH_WHEN === 'before';
const type = process.env.CRASH_TYPE;
const { run } = StatementSync.prototype;
let count = 0;

StatementSync.prototype.run = function (...parameters) {
  if (!/^\s*INSERT INTO events/i.test(this.sourceSQL)) return run.apply(this, parameters);
  if (type !== undefined && !parameters.includes(type)) return run.apply(this, parameters);
  count += 1;
  if (before && count === at) process.kill(process.pid, 'SIGKILL');
  const result = run.apply(this, parameters);
  if (!before && count === at) process.kill(process.pid, 'SIGKILL');
  return result;
};
