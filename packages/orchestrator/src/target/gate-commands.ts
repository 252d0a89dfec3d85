import { z } from 'zod';
import { OrchestratorError } from '../errors.ts';

const GATE_SCRIPTS = ['typecheck', 'test', 'build'] as const;

const ManifestSchema = z.object({
  scripts: z.record(z.string(), z.string()).default({}),
  packageManager: z.string().optional(),
});

/**
 * The gate of a repository that does not configure one: those of its `typecheck`, `test` and `build`
 * scripts that exist, run by its package manager.
 *
 * @throws {OrchestratorError} GATE_MISSING when there is none.
 */
export function deriveGateCommands(manifestText: string | undefined): string[] {
  if (manifestText === undefined) throw missing('there is no package.json to take them from');
  const { scripts, packageManager } = parseManifest(manifestText);
  const runner = packageManager?.split('@')[0] ?? 'npm';
  const commands = GATE_SCRIPTS.filter((name) => scripts[name] !== undefined).map(
    (name) => `${runner} run ${name}`,
  );
  if (commands.length === 0) throw missing('package.json has no typecheck, test or build script');
  return commands;
}

function parseManifest(text: string): z.infer<typeof ManifestSchema> {
  try {
    return ManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new OrchestratorError(
      'GATE_MISSING',
      `no gate commands: package.json is not valid: ${String(cause)}`,
      { cause },
    );
  }
}

function missing(reason: string): OrchestratorError {
  return new OrchestratorError('GATE_MISSING', `no gate commands are configured and ${reason}`);
}
