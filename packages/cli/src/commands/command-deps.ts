import type { CliContext } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';

/** What the definition of a command needs: the world, and where to leave its exit code. */
export interface CommandDeps {
  readonly context: CliContext;
  readonly finish: (code: ExitCode) => void;
}
