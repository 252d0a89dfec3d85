import { z } from 'zod';

export const SandboxId = z.string().min(1).meta({ id: 'SandboxId' });

/** Of a command or a followed file. */
export const StreamId = z.string().min(1).meta({ id: 'StreamId' });

/** Absolute, inside a sandbox. */
export const InsidePath = z.string().regex(/^\//).meta({ id: 'Path' });

/** In base64. */
export const Bytes = z.string().meta({ id: 'Bytes', contentEncoding: 'base64' });

export const Texts = z.record(z.string(), z.string()).meta({ id: 'Texts' });

export const Range = z
  .strictObject({ request: z.number().positive(), limit: z.number().positive().optional() })
  .meta({ id: 'Range', description: 'What is reserved, and the most that may be used.' });

export const Image = z
  .xor([
    z.strictObject({ id: z.string() }),
    z.strictObject({ name: z.string() }),
    z.strictObject({ registry: z.string() }),
  ])
  .meta({
    id: 'Image',
    description: 'An image by its id, by the name it was published under, or from a registry.',
  });

export const Network = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['none', 'open']) }),
    z.strictObject({ kind: z.literal('allow'), domains: z.array(z.string()), cidrs: z.array(z.string()) }),
  ])
  .meta({ id: 'Network' });

export const Volume = z
  .strictObject({
    name: z.string(),
    path: InsidePath,
    readOnly: z.boolean().optional().describe('Default false.'),
  })
  .meta({ id: 'Volume' });

export const Credit = z.int().min(1).meta({
  id: 'Credit',
  description: 'Bytes that may be sent before more credit is given.',
});

export const Count = z.int().min(0);
export const Milliseconds = z.int().min(1);
