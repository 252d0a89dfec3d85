import { createHash } from 'node:crypto';
import type { EngineIds } from '../model/engine-ports.ts';

const SEED_DIGITS = 32;

/**
 * Identifiers of one run, all derived from one that is taken now and from its task: what runs beside it changes none
 * of them, and those of two runs differ even when the source repeats itself. As unguessable as their source.
 */
export function createRunIds(source: EngineIds, taskId: string): EngineIds {
  const seed = source.hex(SEED_DIGITS);
  let count = 0;
  const next = () => {
    count += 1;
    return createHash('sha256').update(`${seed}:${count}:${taskId}`).digest('hex');
  };
  return {
    hex: (digits) => next().slice(0, digits),
    uuid: () => {
      const digits = next();
      // Version 8 of RFC 9562: the bits are the maker's own.
      return [
        digits.slice(0, 8),
        digits.slice(8, 12),
        `8${digits.slice(13, 16)}`,
        `a${digits.slice(17, 20)}`,
        digits.slice(20, 32),
      ].join('-');
    },
  };
}
