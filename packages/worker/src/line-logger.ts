import type { LogFields, Logger } from '@agentswarm/core';

/** One JSON object a line. Standard output belongs to the frames. */
export function createLineLogger(writeLine: (line: string) => void, context: LogFields = {}): Logger {
  const at = (level: string) => (fields: LogFields, message: string) =>
    writeLine(JSON.stringify({ level, ...context, ...fields, message }));
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => createLineLogger(writeLine, { ...context, ...fields }),
  };
}
