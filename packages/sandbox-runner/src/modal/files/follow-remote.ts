import { SandboxError } from '../../errors.ts';
import { explainFailure, isSandboxGone } from '../shim/explain-failure.ts';
import type { ShimConnection } from '../shim/shim-connection.ts';
import type { StreamEvent } from '../shim/stream-listeners.ts';

const CREDIT_BYTES = 256 * 1024;

export interface FollowRemoteRequest {
  /** To a shim that knows the sandbox. */
  readonly connect: () => Promise<ShimConnection>;
  readonly sandboxId: string;
  readonly path: string;
  readonly fromByte: number;
  /** Asks to give what is there, and end. */
  readonly signal: AbortSignal;
}

/**
 * Reads a file of a remote sandbox as it grows; see `Sandbox.follow`.
 *
 * @throws {SandboxError} SANDBOX_STREAM_LOST
 */
export async function* followRemote(
  request: FollowRemoteRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { sandboxId, path, fromByte, signal } = request;
  const events: StreamEvent[] = [];
  let wake: (() => void) | undefined;
  let failure: unknown;
  const started = await startFollowing(request.connect, {
    params: { sandboxId, path, fromByte, creditBytes: CREDIT_BYTES },
    listener: (event) => {
      events.push(event);
      wake?.();
    },
  });
  if (started === undefined) return;
  const { connection, followId } = started;
  const stop = () => {
    connection.call('file.unfollow', { followId }).catch((error: unknown) => {
      // It ended meanwhile, which the stream says itself, or can no longer be asked to.
      failure = error;
      wake?.();
    });
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  let isOver = false;
  try {
    for (;;) {
      const event = events.shift();
      if (event === undefined) {
        if (failure !== undefined) throw asLost(failure);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if (event.kind === 'data') {
        yield event.bytes;
        connection.tell('credit', { streamId: followId, bytes: event.bytes.length });
      } else {
        isOver = true;
        return requireExpectedEnd(event);
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (!isOver) stop();
  }
}

/** Undefined when the sandbox has ended. */
async function startFollowing(
  connect: () => Promise<ShimConnection>,
  { params, listener }: { readonly params: FollowParams; readonly listener: (event: StreamEvent) => void },
) {
  try {
    const connection = await connect();
    const { followId } = await connection.call('file.follow', params, {
      onResult: (started) => connection.listen(started.followId, listener),
    });
    return { connection, followId };
  } catch (cause) {
    if (isSandboxGone(cause)) return undefined;
    throw asLost(cause);
  }
}

type FollowParams = Parameters<typeof ShimConnection.prototype.call<'file.follow'>>[1];

/** The end of its sandbox ends it too. */
function requireExpectedEnd(event: Exclude<StreamEvent, { readonly kind: 'data' }>): void {
  if (event.kind === 'lost') throw asLost(event.error);
  if (event.kind !== 'file_end' || event.failure === undefined) return;
  const error = explainFailure('file.follow', event.failure);
  if (!isSandboxGone(error)) throw asLost(error);
}

/** What can be followed again from where it broke; anything else as it is. */
function asLost(cause: unknown): unknown {
  const isLost = cause instanceof SandboxError && cause.traits.retryable;
  return isLost ? new SandboxError('SANDBOX_STREAM_LOST', cause.message, { cause }) : cause;
}
