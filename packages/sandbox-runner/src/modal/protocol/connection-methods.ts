import { z } from 'zod';
import { Count, Milliseconds, Texts } from './values.ts';

const CreateLimits = z
  .strictObject({
    createsPerSecond: z.number().positive().optional().describe('Default 5.'),
    createBurst: z
      .int()
      .min(1)
      .optional()
      .describe('Creates that may come at once before the rate counts; default 20.'),
    concurrentCreates: z.int().min(1).optional().describe('Default 16.'),
    concurrentCalls: z.int().min(1).optional().describe('Looks at the state of sandboxes; default 16.'),
    createRetryMs: z
      .int()
      .min(0)
      .optional()
      .describe('How long a create that the account refuses for now is tried again; default 60000.'),
    startTimeoutMs: Milliseconds.optional().describe(
      'How long the first command waits for its sandbox to start; default 300000.',
    ),
  })
  .meta({ id: 'Limits' });

const Credentials = z.strictObject({ tokenId: z.string(), tokenSecret: z.string() });
const Fate = z.enum(['leave', 'terminate']);

/** Greeting, configuration and farewell. */
export const CONNECTION_METHODS = {
  hello: {
    description: 'First. Another schema version is refused with SCHEMA_MISMATCH.',
    params: z.strictObject({
      schemaVersion: Count,
      heartbeatMs: Milliseconds.optional().describe('Default 5000.'),
    }),
    result: z.strictObject({
      schemaVersion: Count,
      pid: Count,
      python: z.string(),
      modal: z.string().describe('Version of the package; empty when it is not installed.'),
    }),
  },
  configure: {
    description: 'Second. Opens the connection to Modal.',
    params: z.strictObject({
      app: z.string(),
      backend: z.enum(['v1', 'v2']),
      credentials: Credentials.optional().describe(
        'Default: MODAL_TOKEN_ID and MODAL_TOKEN_SECRET, else the profile of the Modal command.',
      ),
      serverUrl: z.string().optional(),
      environment: z.string().optional(),
      limits: CreateLimits.optional(),
      superviseMs: Milliseconds.optional().describe(
        'How often it looks for sandboxes that ended by themselves; default 10000.',
      ),
      tags: Texts.optional().describe(
        'Put on every sandbox that is created; narrows what supervision lists.',
      ),
      onDisconnect: Fate.optional().describe(
        'What becomes of the sandboxes when stdin closes without a shutdown; default leave.',
      ),
    }),
    result: z.strictObject({ appId: z.string() }),
  },
  shutdown: {
    description: 'Answers, then ends with exit code 0.',
    params: z.strictObject({ sandboxes: Fate }),
    result: z.strictObject({ terminated: Count }),
  },
} as const;
