import { print, printJson, type CliContext } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import type { RepositoryFlags } from '../land/land-flags.ts';
import { withRadar } from '../land/open-radar.ts';
import { formatList } from '../view/format.ts';
import { toTerminalLine } from '../view/terminal-text.ts';

/** `agentswarm land check BRANCH`: 0 when it merges with the target, 1 when it does not. */
export async function checkBranch(
  context: CliContext,
  name: string,
  flags: RepositoryFlags,
): Promise<ExitCode> {
  const signal = context.outputClosed;
  return await withRadar(
    context.directory,
    { names: [name], flags, signal },
    async ({ radar, repository, named }) => {
      const [branch] = named;
      if (branch === undefined) {
        throw new CliError('CLI_USAGE', `there is no branch ${name}`, { details: { branch: name } });
      }
      const reading = await radar.check(branch.head, { signal });
      const { target, inFlight } = reading;
      const paths = target.kind === 'conflicting' ? target.paths : [];
      if (flags.json === true) {
        const others = inFlight.map(({ ticket, paths: shared }) => ({ branch: ticket, paths: shared }));
        printJson(context, {
          branch: name,
          target: { branch: repository.target, kind: target.kind, paths },
          inFlight: others,
        });
      } else {
        const how = {
          clean: 'merges with',
          conflicting: 'conflicts with',
          unmergeable: 'has no history in common with',
        };
        const where = paths.length === 0 ? '' : ` in ${formatList(paths)}`;
        print(context, [
          toTerminalLine(`${name} ${how[target.kind]} ${repository.target}${where}`),
          ...inFlight.map(({ ticket, paths: shared }) =>
            toTerminalLine(`  and conflicts with ${ticket} in ${formatList(shared)}`),
          ),
        ]);
      }
      return target.kind === 'clean' ? EXIT_CODES.goalMet : EXIT_CODES.notMet;
    },
  );
}

/** `agentswarm land matrix`: every pair of branches in flight that conflicts. */
export async function showMatrix(context: CliContext, flags: RepositoryFlags): Promise<ExitCode> {
  const signal = context.outputClosed;
  return await withRadar(context.directory, { names: [], flags, signal }, ({ radar }) => {
    const pairs = radar.matrix();
    if (flags.json === true) printJson(context, { pairs });
    else if (pairs.length === 0) print(context, 'no two branches conflict');
    else
      print(
        context,
        pairs.map(({ a, b, paths }) => toTerminalLine(`${a}  ${b}  ${formatList(paths)}`)),
      );
    return Promise.resolve(EXIT_CODES.goalMet);
  });
}
