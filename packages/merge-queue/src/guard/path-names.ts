/** Two names with one fold are one file where case or the form of accents does not count. */
export function foldName(path: string): string {
  return path.normalize('NFC').toLowerCase();
}

/** The directory a path is in, `''` for the top. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** What no file system in use takes for a longer name. */
const MAX_NAME_BYTES = 255;

/**
 * Whether every system can have a file of this name: Windows keeps some names for devices, some
 * characters for itself and drops what ends in a dot or a space. Bytes that are no UTF-8 stand as U+FFFD.
 */
export function isPortableName(name: string): boolean {
  const isReserved = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)/i.test(name);
  if (isReserved || /[<>:"|?*\\]|[. ]$/.test(name)) return false;
  return Buffer.byteLength(name.replaceAll('\ufffd', '?')) <= MAX_NAME_BYTES;
}
