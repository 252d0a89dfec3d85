import type { LogFields, Logger } from '@agentswarm/core';
import { createJsonFreezer, type TextMapping } from '../model/frozen-json.ts';

/** Passes lines on without known secret values: what fails in the code of others may quote them. */
export function createRedactingLogger(logger: Logger, redact: TextMapping): Logger {
  const freeze = createJsonFreezer(redact);
  const clean = (fields: LogFields) => freeze(fields) as LogFields;
  return {
    debug: (fields, message) => logger.debug(clean(fields), message),
    info: (fields, message) => logger.info(clean(fields), message),
    warn: (fields, message) => logger.warn(clean(fields), message),
    error: (fields, message) => logger.error(clean(fields), message),
    child: (fields) => createRedactingLogger(logger.child(clean(fields)), redact),
  };
}
