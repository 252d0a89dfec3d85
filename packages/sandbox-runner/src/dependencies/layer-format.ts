/** Folders of node_modules that tools write to; each sandbox gets its own in front of the shared layer. */
export const SCRATCH_FOLDERS: readonly string[] = ['.vite', '.vite-temp', '.cache'];
