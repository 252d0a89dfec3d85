import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { remainingProcesses } from '../support/left-behind.ts';
import { runAgentswarm } from '../support/run-agentswarm.ts';
import { gitIn } from '../support/small-target.ts';

interface DemoOutcome {
  readonly outcome: string;
  readonly features: readonly { readonly status: string }[];
  readonly endpoints: readonly { readonly model: string; readonly ownedBy: string }[];
  readonly resolved: readonly { readonly paths: readonly object[] }[];
  readonly metrics: { readonly attempts: Readonly<Record<string, number>> };
}

it(
  'the demo builds VoxelCraft through resolved conflicts, an ejection, a refusal and a dead worker',
  { timeout: 600_000 },
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'agentswarm-demo-test-'));
    const result = await runAgentswarm(['demo', '--json', '--dir', root]);
    expect(result, result.stderr).toMatchObject({ exitCode: 0 });
    const outcome = JSON.parse(result.stdout) as DemoOutcome;
    expect(outcome.outcome).toBe('goal_met');
    expect(outcome.features.length).toBeGreaterThanOrEqual(20);
    expect(outcome.features.every((feature) => feature.status === 'landed')).toBe(true);
    expect(outcome.endpoints).toMatchObject([{ model: 'scripted-voxelcraft', ownedBy: 'scripted' }]);
    // Which of a pair comes second depends on timing; what they meet in does not.
    const resolved = outcome.resolved.flatMap(({ paths }) => paths);
    expect(resolved).toEqual(
      expect.arrayContaining([
        { path: 'package.json', resolver: 'package.json', dropped: [] },
        { path: 'src/engine/index.ts', resolver: 'union', dropped: [] },
      ]),
    );
    const { ejected, refused, failed } = outcome.metrics.attempts;
    expect(ejected).toBeGreaterThanOrEqual(1);
    expect({ refused, failed }).toEqual({ refused: 1, failed: 1 });
    expect(result.stderr).toContain('is scripted');
    expect(await remainingProcesses(root)).toEqual([]);
    provesItself(join(root, 'voxelcraft.git'), join(root, 'fresh'));
    rmSync(root, { recursive: true });
  },
);

/** A fresh clone of the remote's main installs and passes every script the gate runs. */
function provesItself(remote: string, fresh: string): void {
  gitIn(dirname(fresh), 'clone', '--quiet', remote, fresh);
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: fresh, env, stdio: 'pipe', encoding: 'utf8' });
  npm('ci', '--prefer-offline', '--no-audit', '--no-fund');
  for (const script of ['typecheck', 'test', 'build']) npm('run', script);
  const { features } = JSON.parse(readFileSync(join(fresh, 'FEATURES.json'), 'utf8')) as DemoOutcome;
  expect(features.every((feature) => feature.status === 'landed')).toBe(true);
}
