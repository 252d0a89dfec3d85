import type { RunInside } from '../../inside/inside-command.ts';
import { execLabel } from '../../process/process-table.ts';
import { runLabelScript } from './run-label-script.ts';

/** Kills all that has a label, until there is nothing. */
const END_LABELLED = `
round=0
while [ $round -lt 200 ]; do
  round=$((round+1)) left=
  for each in $(grep -lszxF -e "$1" /proc/[0-9]*/environ); do
    each=\${each#/proc/}
    kill -s KILL "\${each%/environ}" 2>/dev/null && left=yes
  done
  [ -n "$left" ] || exit 0
done
exit 1
`;
const TRIES = 3;

/** Ends a command that was lost, by looking for it. False where that may not have come about. */
export async function endLostCommand(execId: string, run: RunInside): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { reason, exitCode } = await runLabelScript(run, END_LABELLED, execLabel(execId));
    if (reason !== 'lost') return reason === 'aborted' || exitCode === 0;
  }
  return false;
}
