import { open, rename } from 'node:fs/promises';
import type { Handoff } from '@agentswarm/core';

/** Writes the handoff so that a reader sees all of it or none. */
export async function writeHandoff(path: string, handoff: Handoff): Promise<void> {
  const temporary = `${path}.tmp`;
  {
    await using file = await open(temporary, 'w', 0o600);
    await file.writeFile(`${JSON.stringify(handoff, null, 2)}\n`);
    await file.sync();
  }
  await rename(temporary, path);
}
