/** A request as it goes to an endpoint. */
export interface RecordedRequest {
  readonly method: 'GET' | 'POST';
  /** Below the API version, e.g. `/chat/completions`. */
  readonly path: string;
  /** Text of the body; empty for GET. */
  readonly body: string;
  /** Name of the endpoint. */
  readonly endpoint: string;
}

/** Hears one exchange as it happens. Contract: neither method throws or keeps the bytes unchanged for later. */
export interface ExchangeTap {
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** Decompressed. */
  chunk(bytes: Uint8Array): void;
  /** `cut`: the connection ended, was aborted or never came about before the answer was complete. */
  end(how: 'complete' | 'cut'): void;
}

/** Hears every exchange with an endpoint. */
export interface ExchangeRecorder {
  begin(request: RecordedRequest): ExchangeTap;
}
