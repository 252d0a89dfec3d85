import type { ExecHandle, ExecResult, Sandbox, SandboxBackend } from '@agentswarm/core';
import { SandboxError } from '../../src/index.ts';

/** What goes wrong between a caller and its sandboxes; each part happens once, unless it says how often. */
export interface Faults {
  /** Bytes of a file that is followed, counted over all handles, at which the stream breaks. */
  readonly cuts?: readonly number[];
  /** Calls that fail after each cut before one succeeds, of everything but `exec`. */
  readonly outageCalls?: number;
  /** The result of the first command is lost once so many bytes were followed. */
  readonly loseResultAtByte?: number;
  /** Streams never come back after the first cut. */
  readonly staysDeaf?: boolean;
}

function lost(what: string): SandboxError {
  return new SandboxError('SANDBOX_STREAM_LOST', `${what}: the connection broke`);
}

/** A backend over another one whose connections break as told. What runs inside does not notice. */
export function faultyBackend(inner: SandboxBackend, faults: Faults): SandboxBackend {
  const line = createLine(faults);
  return {
    description: inner.description,
    create: async (spec, options) => line.wrap(await inner.create(spec, options)),
    attach: async (id, options) => {
      line.pass('attach');
      return line.wrap(await inner.attach(id, options));
    },
    list: (labels) => inner.list(labels),
    reap: (labels, options) => inner.reap(labels, options),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** The way to all sandboxes of a backend, with what went wrong on it so far. */
function createLine({ cuts = [], outageCalls = 0, loseResultAtByte, staysDeaf }: Faults) {
  const left = cuts.toSorted((a, b) => a - b);
  const resultLost = Promise.withResolvers<void>();
  let followed = 0;
  let failing = 0;
  let isDeaf = false;
  const pass = (what: string) => {
    if (failing === 0) return;
    failing -= 1;
    throw lost(what);
  };
  const cutAt = (bytes: Uint8Array): Uint8Array | undefined => {
    const [next = Infinity] = left;
    if (followed + bytes.length < next) return undefined;
    left.shift();
    failing = outageCalls;
    isDeaf = staysDeaf === true;
    return bytes.subarray(0, Math.max(0, next - followed));
  };
  const note = (bytes: Uint8Array) => {
    followed += bytes.length;
    if (followed >= (loseResultAtByte ?? Infinity)) resultLost.resolve();
  };
  async function* cutStream(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    if (isDeaf) throw lost('follow');
    pass('follow');
    for await (const bytes of stream) {
      const before = cutAt(bytes);
      note(before ?? bytes);
      yield before ?? bytes;
      if (before !== undefined) throw lost('follow');
    }
  }
  const losing = (exec: ExecHandle): ExecHandle => {
    if (loseResultAtByte === undefined) return exec;
    const nothing: ExecResult = { reason: 'lost', stdout: '', stderr: '', durationMs: 0 };
    return { ...exec, result: Promise.race([exec.result, resultLost.promise.then(() => nothing)]) };
  };
  const wrap = (sandbox: Sandbox): Sandbox => {
    const through =
      <A extends readonly unknown[], R>(what: string, call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        pass(what);
        return await call(...args);
      };
    return {
      id: sandbox.id,
      labels: sandbox.labels,
      paths: sandbox.paths,
      ...(sandbox.gateway === undefined ? {} : { gateway: sandbox.gateway }),
      exec: (request) => losing(sandbox.exec(request)),
      follow: (path, options) => cutStream(sandbox.follow(path, options)),
      isBusy: through('isBusy', () => sandbox.isBusy()),
      readFile: through('readFile', sandbox.readFile.bind(sandbox)),
      writeFile: through('writeFile', sandbox.writeFile.bind(sandbox)),
      upload: through('upload', sandbox.upload.bind(sandbox)),
      download: through('download', sandbox.download.bind(sandbox)),
      collect: through('collect', sandbox.collect.bind(sandbox)),
      renew: through('renew', sandbox.renew.bind(sandbox)),
      detach: through('detach', () => sandbox.detach()),
      terminate: through('terminate', () => sandbox.terminate()),
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  };
  return { wrap, pass };
}
