import { z } from 'zod';
import { ExecEndSchema } from './failure.ts';
import { Bytes, Credit, InsidePath, Milliseconds, SandboxId, StreamId, Texts } from './values.ts';

const OneCommand = z.strictObject({ execId: StreamId });
const Nothing = z.strictObject({});

const ProcessLimits = z
  .strictObject({
    fileMb: z.number().positive().optional().describe('A write beyond it fails, the command goes on.'),
    cpuSeconds: z.int().min(1).optional(),
    openFiles: z.int().min(1).optional(),
  })
  .meta({
    id: 'ProcessLimits',
    description: 'What the kernel lets each process have; none leaves a core file.',
  });

/** Commands, and the trees that commands pack and unpack. */
export const COMMAND_METHODS = {
  'exec.start': {
    description: 'Its output comes as exec.output, its end as exec.end, the last message about it.',
    params: z.strictObject({
      sandboxId: SandboxId,
      command: z.array(z.string()).min(1),
      cwd: InsidePath.optional(),
      env: Texts.optional().describe(
        'The whole environment, besides a PATH where it names none. Odd names need bash in the image.',
      ),
      label: z
        .string()
        .optional()
        .describe(
          'Name of a variable of env whose value no other command has: what carries it ends with the command.',
        ),
      limits: ProcessLimits.optional(),
      timeoutMs: Milliseconds.describe('In full seconds upwards.'),
      stdin: z
        .boolean()
        .optional()
        .describe('Whether exec.stdin will follow; default false: at its end from the start.'),
      creditBytes: Credit,
    }),
    result: OneCommand,
  },
  'exec.stdin': {
    description: 'Answered when the sandbox has taken it.',
    params: z.strictObject({ execId: StreamId, data: Bytes.optional(), eof: z.boolean().optional() }),
    result: Nothing,
  },
  'exec.signal': {
    description: 'Sends a signal to the process group of a command.',
    params: z.strictObject({
      execId: StreamId,
      signal: z.enum(['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'STOP', 'CONT']),
    }),
    result: z.strictObject({ delivered: z.boolean() }),
  },
  'exec.wait': {
    description: 'Waits for its end, also after it.',
    params: OneCommand,
    result: ExecEndSchema,
  },
  'tree.upload': {
    description: 'Starts a command that unpacks a tar stream, sent with exec.stdin, into a folder.',
    params: z.strictObject({ sandboxId: SandboxId, path: InsidePath, timeoutMs: Milliseconds }),
    result: OneCommand,
  },
  'tree.download': {
    description:
      'Starts a command whose standard output is a tar stream of the folder. What is inside is not to be trusted.',
    params: z.strictObject({
      sandboxId: SandboxId,
      path: InsidePath,
      timeoutMs: Milliseconds,
      creditBytes: Credit,
    }),
    result: OneCommand,
  },
} as const;
