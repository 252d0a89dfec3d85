// Prints a health report as JSON. Exit code 0 while it can work, 1 when it cannot; --strict: 2 when degraded.
import { resolve } from 'node:path';
import { checkEngineHealth } from '@agentswarm/dag-engine/engine';

const report = await checkEngineHealth({
  configDir: resolve(process.env.AGENT_ENGINE_CONFIG_DIR ?? 'config'),
  directories: ['data', 'logs', 'artifacts'].map((name) => resolve(name)),
  env: process.env,
});
process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
if (report.status === 'unhealthy') process.exitCode = 1;
else if (report.status === 'degraded' && process.argv.includes('--strict')) process.exitCode = 2;
