import { existsSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig } from 'tsup';

/** What a package's build needs besides its entry points. */
export interface PackageBuildOptions {
  /** Files or folders outside the package that its tarball needs: path relative to the package → path in `dist`. */
  readonly assets?: Readonly<Record<string, string>>;
}

/** The one build every package uses: ESM, declarations, source maps, dependencies left external. */
export function definePackage(entry: readonly string[], { assets = {} }: PackageBuildOptions = {}) {
  return defineConfig({
    entry: [...entry],
    format: 'esm',
    target: 'node22',
    // `node:sqlite` exists under no other name.
    removeNodeProtocol: false,
    dts: true,
    sourcemap: true,
    clean: true,
    onSuccess: () => copyAssets(assets),
  });
}

/** A package is complete without this repository: what it reads at run time travels in its `dist`. */
async function copyAssets(assets: Readonly<Record<string, string>>): Promise<void> {
  for (const [source, target] of Object.entries(assets)) {
    const copy = join('dist', target);
    await cp(source, copy, { recursive: true, filter: isOwnFile });
    // npm leaves .gitignore files out of every package; whoever uses the copy gives it its name back.
    const ignoreFile = join(copy, '.gitignore');
    if (existsSync(ignoreFile)) await rename(ignoreFile, join(copy, '_gitignore'));
  }
}

function isOwnFile(path: string): boolean {
  return !/[\\/](node_modules|dist|\.git|\.agentswarm|__pycache__|infra[\\/]\w+[\\/](tests|bench))([\\/]|$)/.test(
    path,
  );
}
