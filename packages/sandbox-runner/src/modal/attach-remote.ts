import { SandboxError } from '../errors.ts';
import { withLivingGateway } from '../network/living-gateway.ts';
import { takeOver } from '../handles/sandbox-hold.ts';
import { planNetwork } from '../network/sandbox-network.ts';
import { LEASE_MS } from './cloud/cloud.ts';
import { openRemote } from './open-remote.ts';
import { nameSandbox, removeRemote, type RemoteContext } from './remote-context.ts';
import type { RecordedRemote, RemoteRecord } from './remote-record.ts';
import type { RemoteSandbox } from './sandbox/remote-sandbox.ts';
import { isSandboxGone } from './shim/explain-failure.ts';

/** A handle on a sandbox of another backend or process. */
export interface AttachedRemote {
  readonly sandbox: RemoteSandbox;
  /** Whether it became this process's. */
  readonly isOwner: boolean;
}

/**
 * Opens a sandbox that exists: as its owner when no living process is, else as a guest.
 *
 * @throws {SandboxError} SANDBOX_NOT_FOUND, or SANDBOX_UNSUPPORTED for one that another machine made
 */
export async function attachRemote(context: RemoteContext, id: string): Promise<AttachedRemote> {
  const { records } = context;
  const found = await records.find(id);
  if (found === undefined) throw await explainMissing(context, id);
  const known = requireComplete(found);
  await requireRunning(context, known);
  const taken = await takeOver(records, id);
  try {
    return { sandbox: await reopen(context, known, taken?.handle), isOwner: taken !== undefined };
  } catch (error) {
    // As it was: nobody's, and found again by whoever looks for such.
    if (taken !== undefined) {
      await records.change(id, (now) => (now.owner?.handle === taken.handle ? found : undefined));
    }
    throw error;
  }
}

type CompleteRecord = RemoteRecord & { readonly remoteId: string; readonly made: RecordedRemote };

function requireComplete(record: RemoteRecord): CompleteRecord {
  const { made, remoteId } = record;
  if (made !== undefined && remoteId !== undefined) return { ...record, made, remoteId };
  throw notFound(record.id, 'was never completed');
}

/** Of a sandbox that has ended meanwhile nothing stays. */
async function requireRunning(context: RemoteContext, { id, remoteId }: CompleteRecord): Promise<void> {
  try {
    await context.shims.connectTo(remoteId);
  } catch (error) {
    if (!isSandboxGone(error)) throw error;
    await removeRemote(context, id);
    throw notFound(id, 'has ended');
  }
}

async function reopen(
  context: RemoteContext,
  record: CompleteRecord,
  handle: string | undefined,
): Promise<RemoteSandbox> {
  const { cloud, network, time } = context;
  const { labels, made, remoteId } = record;
  const spec = { ...withLivingGateway(made.spec), labels };
  const plan = planNetwork(spec, network.settings);
  const named = nameSandbox(context, record, remoteId);
  if (handle !== undefined) {
    await cloud.claim(named, { kind: 'leased', untilMs: time.nowMs() + LEASE_MS });
  }
  const startIn = made.startIn === undefined ? {} : { startIn: made.startIn };
  return openRemote(context, { spec, named, plan, handle, ...startIn });
}

/** Says why a sandbox without a record cannot be attached. */
async function explainMissing({ cloud }: RemoteContext, id: string): Promise<SandboxError> {
  const seen = await cloud.find(id);
  if (seen.length === 0) return notFound(id, 'does not exist');
  const message = `sandbox ${id} was made for another repository or by another machine: here it can only be listed and reaped`;
  return new SandboxError('SANDBOX_UNSUPPORTED', message, { details: { sandbox: id } });
}

function notFound(id: string, why: string): SandboxError {
  return new SandboxError('SANDBOX_NOT_FOUND', `sandbox ${id} ${why}`, { details: { sandbox: id } });
}
