import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toSwarmError } from '@agentswarm/core';
import { AggregateManifestError, DAGValidationError } from '../errors.ts';
import { isoTime, type EngineClock } from '../model/engine-ports.ts';

const HEALTH_STATUSES = ['healthy', 'degraded', 'unhealthy'] as const;
/** `degraded` works, and somebody should look at it. */
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** One thing a health report looked at. */
export interface HealthCheck {
  readonly status: HealthStatus;
  readonly message: string;
}

/** Whether an engine could run here and now, check by check. */
export interface HealthReport {
  /** The worst of the checks. */
  readonly status: HealthStatus;
  readonly timestamp: string;
  readonly checks: Readonly<
    Record<
      'engine_load' | 'manifests' | 'dag_validation' | 'manifest_age' | 'directories' | 'environment',
      HealthCheck
    >
  >;
}

export interface HealthOptions {
  readonly configDir: string;
  /** Folders the deployment writes to. */
  readonly directories: readonly string[];
  /** Loads the engine; gives credentials that could not be loaded. */
  readonly load: () => Promise<{ readonly failedCredentials: readonly string[] }>;
  readonly clock: EngineClock;
}

const REQUIRED_MANIFESTS = ['workflow.yaml', 'agents.yaml', 'tools.yaml'];
const MAX_AGE_DAYS = 30;
const DAY_MS = 86_400_000;

/** Looks whether an engine could run from a configuration directory here and now; changes nothing. */
export async function checkHealth(options: HealthOptions): Promise<HealthReport> {
  const loaded = await tryToLoad(options);
  const checks = {
    engine_load: loaded.engine_load,
    manifests: await checkManifests(options),
    dag_validation: loaded.dag_validation,
    manifest_age: await checkAge(options),
    directories: await checkDirectories(options),
    environment: loaded.environment,
  };
  return { status: worst(Object.values(checks)), timestamp: isoTime(options.clock), checks };
}

function worst(checks: readonly HealthCheck[]): HealthStatus {
  const ranks = checks.map(({ status }) => HEALTH_STATUSES.indexOf(status));
  return HEALTH_STATUSES[Math.max(...ranks)] ?? 'unhealthy';
}

const healthy = (message: string): HealthCheck => ({ status: 'healthy', message });
const degraded = (message: string): HealthCheck => ({ status: 'degraded', message });
const unhealthy = (message: string): HealthCheck => ({ status: 'unhealthy', message });

async function tryToLoad({ load }: HealthOptions) {
  try {
    const { failedCredentials } = await load();
    return {
      engine_load: healthy('the engine loads'),
      dag_validation: healthy('the DAG is valid'),
      environment:
        failedCredentials.length === 0
          ? healthy('all credentials are there')
          : degraded(`credentials that could not be loaded: ${failedCredentials.join(', ')}`),
    };
  } catch (error) {
    const { message } = toSwarmError(error);
    const problems = error instanceof AggregateManifestError ? error.errors : [error];
    const dag = problems.filter((problem) => problem instanceof DAGValidationError);
    return {
      engine_load: unhealthy(message),
      dag_validation:
        dag.length === 0
          ? degraded('not reached')
          : unhealthy(dag.map((problem) => problem.message).join('; ')),
      environment: degraded('not reached'),
    };
  }
}

async function checkManifests({ configDir }: HealthOptions): Promise<HealthCheck> {
  const problems = await problemsOf(REQUIRED_MANIFESTS, (name) =>
    access(join(configDir, name), constants.R_OK),
  );
  return problems.length === 0 ? healthy('all required manifests are there') : unhealthy(problems.join('; '));
}

async function checkAge({ configDir, clock }: HealthOptions): Promise<HealthCheck> {
  let oldestMs = clock.nowMs();
  const problems = await problemsOf(REQUIRED_MANIFESTS, async (name) => {
    oldestMs = Math.min(oldestMs, (await stat(join(configDir, name))).mtimeMs);
  });
  if (problems.length > 0) return degraded(problems.join('; '));
  const days = Math.floor((clock.nowMs() - oldestMs) / DAY_MS);
  const message = `the oldest manifest is ${days} days old`;
  return days > MAX_AGE_DAYS ? degraded(message) : healthy(message);
}

async function checkDirectories({ directories }: HealthOptions): Promise<HealthCheck> {
  const problems = await problemsOf(directories, (path) => access(path, constants.R_OK | constants.W_OK));
  return problems.length === 0 ? healthy('all folders can be written') : degraded(problems.join('; '));
}

async function problemsOf(
  names: readonly string[],
  check: (name: string) => Promise<void>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const name of names) {
    try {
      await check(name);
    } catch (error) {
      problems.push(`${name}: ${(error as NodeJS.ErrnoException).code ?? toSwarmError(error).message}`);
    }
  }
  return problems;
}
