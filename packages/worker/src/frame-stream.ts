import { createRedactor, type AttemptId, type Clock, type Secret, type WorkerFrame } from '@agentswarm/core';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A frame without the fields every frame has. */
export type FrameBody = DistributiveOmit<WorkerFrame, 'v' | 'attemptId' | 'atMs'>;

/** Where the worker's frames go. */
export type EmitFrame = (body: FrameBody) => void;

/** Makes the one function through which every frame leaves: stamped, redacted, one line of JSON. */
export function createFrameStream(options: {
  readonly attemptId: AttemptId;
  readonly clock: Clock;
  readonly secrets: Iterable<Secret>;
  /** Takes one complete line without its newline. Contract: never throws. */
  readonly writeLine: (line: string) => void;
}): EmitFrame {
  const redact = createRedactor(options.secrets);
  return (body) => {
    const frame = { v: 1, attemptId: options.attemptId, atMs: options.clock.nowMs(), ...body };
    options.writeLine(redact(JSON.stringify(frame)));
  };
}

/** Emits a heartbeat every `intervalMs` until disposed. */
export function startHeartbeat(emit: EmitFrame, intervalMs: number): Disposable {
  const timer = setInterval(() => emit({ type: 'heartbeat' }), intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
