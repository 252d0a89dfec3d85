import { RunIdSchema, type RunId } from '../ids.ts';

/** Where fresh, unguessable identifiers come from. */
export interface IdSource {
  /** A sortable run id for a start at `nowMs`. */
  runId(nowMs: number): RunId;
  /** At least 128 random bits as lower-case hexadecimal, for tokens. */
  token(): string;
}

export const randomIdSource: IdSource = {
  runId(nowMs) {
    const stamp = new Date(nowMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
    return RunIdSchema.parse(`run-${stamp}-${randomHex(2)}`);
  },
  token: () => randomHex(32),
};

function randomHex(bytes: number): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}
