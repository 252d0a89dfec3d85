import { transferRefused } from './transfer-refused.ts';

const DEFAULT_MAX_BYTES = 1024 * 1024 * 1024;
/** Files, folders and links together: more would keep the machine busy for its own sake. */
const MAX_ENTRIES = 200_000;
/** Folders within each other: each is held open while it is read. */
export const MAX_DEPTH = 200;

/** How much of a transfer is still allowed. */
export interface Allowance {
  /** Counts one more file, folder or link. @throws SANDBOX_TRANSFER_REFUSED when it is too much. */
  take(bytes: number): void;
}

export function createAllowance(maxBytes = DEFAULT_MAX_BYTES, maxEntries = MAX_ENTRIES): Allowance {
  let [bytesLeft, entriesLeft] = [maxBytes, maxEntries];
  return {
    take: (bytes) => {
      bytesLeft -= bytes;
      entriesLeft -= 1;
      if (bytesLeft < 0) throw transferRefused(`it has more than ${maxBytes} bytes`);
      if (entriesLeft < 0) throw transferRefused(`it has more than ${maxEntries} files and folders`);
    },
  };
}
