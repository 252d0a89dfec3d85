import { SandboxError } from '../../errors.ts';
import type { ShimFailure } from '../protocol/failure.ts';
import {
  METHODS,
  type MethodName,
  type MethodParams,
  type MethodResult,
  type Notice,
  type OrderName,
  type OrderParams,
} from '../protocol/messages.ts';
import { explainFailure } from './explain-failure.ts';
import { encodeMessage, parseMessage } from './message-line.ts';
import { StreamListeners, type StreamListener } from './stream-listeners.ts';

export interface CallOptions<M extends MethodName> {
  /** Cancels the call at the shim. Contract: the call still waits for the answer, which may be a success. */
  readonly signal?: AbortSignal;
  /** Hears the result before anything that comes after it, so that nothing of a new stream is missed. */
  readonly onResult?: (result: MethodResult<M>) => void;
}

export interface ShimConnectionOptions {
  readonly send: (line: string) => void;
  /** Hears what belongs to no stream. */
  readonly onNotice: (notice: Notice) => void;
  /** Hears that the shim does not keep to the protocol; nothing it says can be relied on then. */
  readonly onBroken: (why: string) => void;
}

interface PendingCall {
  readonly succeed: (result: unknown) => void;
  readonly fail: (failure: ShimFailure) => void;
  readonly lose: (error: SandboxError) => void;
}

/** The conversation with a shim, whatever carries its lines. */
export class ShimConnection {
  readonly #options: ShimConnectionOptions;
  readonly #pending = new Map<number, PendingCall>();
  readonly #streams = new StreamListeners();
  #lastId = 0;
  #lost: SandboxError | undefined;

  constructor(options: ShimConnectionOptions) {
    this.#options = options;
  }

  /**
   * Asks the shim for something.
   *
   * @throws {SandboxError} what {@link explainFailure} makes of the shim's, or retryably when the shim is gone
   */
  async call<M extends MethodName>(
    method: M,
    params: MethodParams<M>,
    options: CallOptions<M> = {},
  ): Promise<MethodResult<M>> {
    options.signal?.throwIfAborted();
    if (this.#lost !== undefined) throw this.#lost;
    const id = ++this.#lastId;
    const cancel = () => this.tell('$/cancel', { id });
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#ask(id, { method, params }, options);
    } finally {
      options.signal?.removeEventListener('abort', cancel);
    }
  }

  /** Tells the shim something that has no answer; nothing once it is gone. */
  tell<N extends OrderName>(method: N, params: OrderParams<N>): void {
    if (this.#lost === undefined) this.#options.send(encodeMessage({ method, params }));
  }

  /** Contract: called in `onResult` of the call that gives the stream. */
  listen(streamId: string, listener: StreamListener): void {
    this.#streams.add(streamId, listener);
  }

  /** Takes a line of the shim. */
  receive(line: string): void {
    const incoming = parseMessage(line);
    switch (incoming.kind) {
      case 'result':
        return this.#take(incoming.id)?.succeed(incoming.result);
      case 'failure':
        return this.#take(incoming.id)?.fail(incoming.failure);
      case 'notice':
        this.#streams.dispatch(incoming.notice);
        return this.#options.onNotice(incoming.notice);
      case 'malformed':
        return this.#options.onBroken(incoming.why);
    }
  }

  /** Fails every call and stream, now and later: the shim is gone. */
  lose(error: SandboxError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    for (const call of this.#pending.values()) call.lose(error);
    this.#pending.clear();
    this.#streams.loseAll(error);
  }

  #ask<M extends MethodName>(
    id: number,
    request: { readonly method: M; readonly params: MethodParams<M> },
    { signal, onResult }: CallOptions<M>,
  ): Promise<MethodResult<M>> {
    const { method } = request;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, {
        succeed: (answer) => {
          const parsed = METHODS[method].result.safeParse(answer);
          if (!parsed.success) return reject(notAsAgreed(method));
          const result = parsed.data as MethodResult<M>;
          onResult?.(result);
          return resolve(result);
        },
        fail: (failure) => {
          const isOurs = failure.data.code === 'CANCELLED' && signal?.aborted === true;
          reject(isOurs ? (signal.reason as Error) : explainFailure(method, failure));
        },
        lose: reject,
      });
      this.#options.send(encodeMessage({ id, ...request }));
    });
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (call === undefined) this.#options.onBroken(`it answered a request that does not wait: ${id}`);
    return call;
  }
}

function notAsAgreed(method: string): SandboxError {
  return new SandboxError('SANDBOX_REMOTE_FAILED', `${method}: the answer is not as agreed`, {
    details: { method },
  });
}
