import type { SandboxError } from '../../errors.ts';
import type { ExecEnd, ShimFailure } from '../protocol/failure.ts';
import type { Notice } from '../protocol/messages.ts';

/** What comes of a command or a followed file; nothing follows after an end. */
export type StreamEvent =
  | { readonly kind: 'data'; readonly stream: 'stdout' | 'stderr' | 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'exec_end'; readonly end: ExecEnd }
  | { readonly kind: 'file_end'; readonly failure?: ShimFailure }
  /** The shim is gone, and what became of the command is not known. */
  | { readonly kind: 'lost'; readonly error: SandboxError };

export type StreamListener = (event: StreamEvent) => void;

/** Hands what comes of each stream to the one who listens to it. */
export class StreamListeners {
  readonly #listeners = new Map<string, StreamListener>();

  add(streamId: string, listener: StreamListener): void {
    this.#listeners.set(streamId, listener);
  }

  dispatch(notice: Notice): void {
    switch (notice.method) {
      case 'exec.output': {
        const { execId, stream, data } = notice.params;
        return this.#tell(execId, { kind: 'data', stream, bytes: Buffer.from(data, 'base64') });
      }
      case 'file.data': {
        const { followId, data } = notice.params;
        return this.#tell(followId, { kind: 'data', stream: 'file', bytes: Buffer.from(data, 'base64') });
      }
      case 'exec.end':
        return this.#end(notice.params.execId, { kind: 'exec_end', end: notice.params.end });
      case 'file.end': {
        const { followId, error } = notice.params;
        return this.#end(followId, { kind: 'file_end', ...(error === undefined ? {} : { failure: error }) });
      }
      default:
        return undefined;
    }
  }

  loseAll(error: SandboxError): void {
    for (const streamId of [...this.#listeners.keys()]) this.#end(streamId, { kind: 'lost', error });
  }

  #end(streamId: string, event: StreamEvent): void {
    const listener = this.#listeners.get(streamId);
    this.#listeners.delete(streamId);
    listener?.(event);
  }

  #tell(streamId: string, event: StreamEvent): void {
    this.#listeners.get(streamId)?.(event);
  }
}
