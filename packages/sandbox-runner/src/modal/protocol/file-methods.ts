import { z } from 'zod';
import { Bytes, Count, Credit, InsidePath, SandboxId, StreamId } from './values.ts';

const OneFollow = z.strictObject({ followId: StreamId });
const Nothing = z.strictObject({});

/** Files of a sandbox, whole or as they grow. */
export const FILE_METHODS = {
  'file.read': {
    params: z.strictObject({ sandboxId: SandboxId, path: InsidePath, maxBytes: z.int().min(1) }),
    result: z.strictObject({ data: Bytes }),
  },
  'file.write': {
    description: 'Makes the folders above it.',
    params: z.strictObject({ sandboxId: SandboxId, path: InsidePath, data: Bytes }),
    result: Nothing,
  },
  'file.follow': {
    description: 'Waits for the file to appear and to grow; file.end is its last message.',
    params: z.strictObject({ sandboxId: SandboxId, path: InsidePath, fromByte: Count, creditBytes: Credit }),
    result: OneFollow,
  },
  'file.unfollow': { description: 'What is there already still comes.', params: OneFollow, result: Nothing },
} as const;
