import type { MemoryWriter } from '../memory/memory-writer.ts';
import type { TypedMemoryOptions } from '../memory/typed-memory.ts';
import type { EngineParts } from './engine-parts.ts';

/** What typed memories need of an engine, or of one of its runs, besides their owner. */
export function memoryPorts(
  { stores, ids, options, redact }: Pick<EngineParts, 'stores' | 'ids' | 'options' | 'redact'>,
  writer: Pick<MemoryWriter, 'put'>,
): Omit<TypedMemoryOptions, 'owner'> {
  const { confirmMemory = () => true } = options;
  return { stores, ids, writer, confirm: (what) => confirmMemory(redact(what)) };
}
