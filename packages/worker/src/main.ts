import { mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TaskAssignmentSchema, toSwarmError, type TaskAssignment } from '@agentswarm/core';
import type { AgentDriver } from './agent-driver.ts';
import { createCommandDriver } from './command-driver.ts';
import { WorkerError } from './errors.ts';
import { openFrameFile } from './frame-file.ts';
import { createLineLogger } from './line-logger.ts';
import { createPiDriver } from './pi-driver.ts';
import { runWorker, type WorkerOutcome } from './run-worker.ts';

const EXIT_CODES: Readonly<Record<WorkerOutcome['status'], number>> = {
  handed_off: 0,
  failed: 1,
  aborted: 143,
};
const EXIT_BAD_INPUT = 2;
const MAX_FAREWELL_MS = 10_000;

// Whoever reads this log may go away; that does not end the worker: the intake keeps its work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const logger = createLineLogger((line) => process.stderr.write(`${line}\n`));

process.exitCode = await main();
// Handles of the agent or of commands it left behind must not keep the worker alive.
process.exit();

async function main(): Promise<number> {
  const env = snapshotEnvironment();
  const stopping = new AbortController();
  // Not `once`: a library that finds itself the only listener left would kill the process.
  process.on('SIGTERM', () => {
    stopping.abort();
    setTimeout(() => process.exit(EXIT_CODES.aborted), MAX_FAREWELL_MS).unref();
  });
  try {
    const assignment = readAssignment(process.argv[2]);
    const token = await readToken();
    const driver = createDriver(assignment.agent);
    const outcome = await runWorker(assignment, {
      driver,
      token,
      env,
      writeLine: openFrameFile(assignment.paths.frames, (error) =>
        logger.warn({ error: String(error) }, 'a frame could not be written'),
      ),
      logger,
      signal: stopping.signal,
    });
    return EXIT_CODES[outcome.status];
  } catch (error) {
    logger.error({ error: String(error) }, 'the worker ended unexpectedly');
    return toSwarmError(error).traits.kind === 'config' ? EXIT_BAD_INPUT : EXIT_CODES.failed;
  }
}

function createDriver(agent: TaskAssignment['agent']): AgentDriver {
  const stateDir = prepareAgentState();
  return agent.kind === 'pi'
    ? createPiDriver({ stateDir })
    : createCommandDriver({ command: agent.command, stateDir });
}

function snapshotEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function readAssignment(path: string | undefined): TaskAssignment {
  if (path === undefined) throw new WorkerError('WORKER_ASSIGNMENT_INVALID', 'usage: main <assignment.json>');
  try {
    return TaskAssignmentSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new WorkerError('WORKER_ASSIGNMENT_INVALID', `${path} is not an assignment: ${String(cause)}`, {
      cause,
    });
  }
}

async function readToken(): Promise<Secret> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  const token = text.trim();
  if (token === '') throw new WorkerError('WORKER_TOKEN_MISSING', 'no gateway token on standard input');
  return new Secret(token);
}

/** Pi reads these variables when it is loaded; commands get the environment as it was before. */
function prepareAgentState(): string {
  const stateDir = join(tmpdir(), `agentswarm-agent-${process.pid}`);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  Object.assign(process.env, {
    PI_OFFLINE: '1',
    PI_SKIP_VERSION_CHECK: '1',
    PI_TELEMETRY: '0',
    PI_CODING_AGENT_DIR: stateDir,
  });
  return stateDir;
}
