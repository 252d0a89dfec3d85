import { SandboxError } from '../errors.ts';
import { reopenSandbox, requireMade, type OpenContext } from './open-sandbox.ts';
import type { LocalSandbox } from './local-sandbox.ts';
import { takeOver } from '../handles/sandbox-hold.ts';

/** A handle on a sandbox of another backend or process. */
export interface AttachedSandbox {
  readonly sandbox: LocalSandbox;
  /** Whether it became this process's. */
  readonly isOwner: boolean;
}

/**
 * Opens a sandbox that exists: as its owner when no living process is, else as a guest.
 *
 * @param remove - Ends and removes a sandbox, whoever owns it.
 */
export async function attachSandbox(
  context: OpenContext,
  id: string,
  remove: (id: string) => Promise<void>,
): Promise<AttachedSandbox> {
  const { records } = context;
  const found = await records.find(id);
  if (found === undefined) throw notFound(id);
  // Before it is taken over: what cannot be opened is left to whoever can.
  requireMade(context, found);
  const taken = await takeOver(records, id);
  const record = taken?.record ?? (await records.find(id));
  if (record === undefined) throw notFound(id);
  try {
    const options = { handle: taken?.handle, remove: () => remove(id) };
    return { sandbox: await reopenSandbox(context, record, options), isOwner: taken !== undefined };
  } catch (error) {
    // As it was: nobody's, and found again by whoever looks for such.
    if (taken !== undefined) {
      await records.change(id, (now) => (now.owner?.handle === taken.handle ? found : undefined));
    }
    throw error;
  }
}

function notFound(id: string): SandboxError {
  return new SandboxError('SANDBOX_NOT_FOUND', `there is no sandbox ${id}`, { details: { sandbox: id } });
}
