import { RunEventSchema, type Journal } from '@agentswarm/core';

/** A journal that never holds a secret: every event is redacted before it is stored. */
export function createRedactingJournal(journal: Journal, redact: (text: string) => string): Journal {
  return {
    append(event) {
      const text = JSON.stringify(event);
      const redacted = redact(text);
      return journal.append(redacted === text ? event : RunEventSchema.parse(JSON.parse(redacted)));
    },
    read: (afterSeq) => journal.read(afterSeq),
    follow: (options) => journal.follow(options),
    close: () => journal.close(),
    [Symbol.asyncDispose]: () => journal[Symbol.asyncDispose](),
  };
}
