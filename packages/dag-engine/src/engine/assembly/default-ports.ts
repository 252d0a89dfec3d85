import { randomBytes, randomUUID } from 'node:crypto';
import type { EngineClock, EngineIds } from '../model/engine-ports.ts';

export const systemEngineClock: EngineClock = { nowMs: () => Date.now() };

export const randomEngineIds: EngineIds = {
  hex: (digits) =>
    randomBytes(Math.ceil(digits / 2))
      .toString('hex')
      .slice(0, digits),
  uuid: () => randomUUID(),
};
