import { defineConfig } from 'tsup';

/** The one build every package uses: ESM, declarations, source maps, dependencies left external. */
export function definePackage(entry: readonly string[]) {
  return defineConfig({
    entry: [...entry],
    format: 'esm',
    target: 'node22',
    // `node:sqlite` exists under no other name.
    removeNodeProtocol: false,
    dts: true,
    sourcemap: true,
    clean: true,
  });
}
