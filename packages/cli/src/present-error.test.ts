import { Writable } from 'node:stream';
import { LlmError } from '@agentswarm/llm-client';
import { expect, it } from 'vitest';
import { presentError } from './present-error.ts';

function presented(error: unknown, env: Readonly<Record<string, string>> = {}): string {
  let text = '';
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  presentError({ stderr, env }, error);
  return text;
}

const HOSTILE = 'no\u001b]0;owned\u0007\u009b2J\r\u202emodel';

it.each([{}, { LOG_LEVEL: 'debug' }])(
  'lets nothing a server said move the cursor or reorder what is read: %j',
  (env) => {
    const details = { suggestedNote: HOSTILE };
    const error = new LlmError('MODEL_CRASHED', `it said\n  ${HOSTILE}`, { details, cause: HOSTILE });
    const text = presented(error, env);
    expect(text).toContain('error: it said\n  no]0;owned2Jmodel [MODEL_CRASHED]\n');
    expect(text).toContain('by the line `no]0;owned2Jmodel`');
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  },
);
