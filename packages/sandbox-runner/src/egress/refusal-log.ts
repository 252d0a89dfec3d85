import type { Logger } from '@agentswarm/core';

/** As many different refusals are reported of one sandbox; more tell nobody anything new. */
const MAX_REPORTED = 50;

/** Reports each refusal once, so that a command cannot fill the log by asking again and again. */
export function createRefusalLog(logger: Logger): (reason: string) => void {
  const reported = new Set<string>();
  return (reason) => {
    if (reported.size >= MAX_REPORTED || reported.has(reason)) return;
    reported.add(reason);
    logger.info({ reason }, 'refused a connection of a sandbox');
    if (reported.size === MAX_REPORTED) logger.warn({}, 'further refusals of this sandbox are not reported');
  };
}
