/** A request a player is asked to answer. */
export interface PlayerRequest {
  readonly method: 'GET' | 'POST';
  /** Below the API version. */
  readonly path: '/models' | '/chat/completions';
  /** Text of the body; empty for GET. */
  readonly body: string;
}

/** A part of an answer that is written at once. */
export interface PlayedChunk {
  /** After the chunk before it, or after the head. */
  readonly afterMs: number;
  readonly data: string | Uint8Array;
}

/** Everything a client will see of an answer, and when. */
export interface PlayedAnswer {
  /** Before anything is sent. */
  readonly delayMs: number;
  /** Undefined: the connection ends without an answer. */
  readonly head: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | undefined;
  readonly chunks: Iterable<PlayedChunk> | AsyncIterable<PlayedChunk>;
  /** `cut`: the connection breaks after the last chunk. */
  readonly end: 'complete' | 'cut';
}

/** Decides what a model server answers; how and when it is sent is the server's. */
export interface ModelPlayer {
  /** The signal is aborted when the client leaves. Contract: rejects only for surprises; refusals are answers. */
  answer(request: PlayerRequest, signal: AbortSignal): Promise<PlayedAnswer>;
}
