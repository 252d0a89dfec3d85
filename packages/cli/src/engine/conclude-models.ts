import type { CliContext } from '../context.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { presentError } from '../present-error.ts';
import type { ModelAccess } from './model-access.ts';

/** The exit code of what failed: 3, with what it would take, when that waits for money or for a model. */
export function concludeModels(
  context: Pick<CliContext, 'stderr' | 'env'>,
  { waiting }: Pick<ModelAccess, 'waiting'>,
  code: ExitCode,
): ExitCode {
  return code === EXIT_CODES.notMet && waiting !== undefined ? presentError(context, waiting) : code;
}
