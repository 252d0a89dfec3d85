import { fileURLToPath } from 'node:url';

/** The guard's program on the host, for sandboxes that see the host's files: among the sources or in the build. */
export function findGuard(moduleUrl: string = import.meta.url): string {
  return fileURLToPath(new URL(moduleUrl.endsWith('.ts') ? '../../guard.ts' : './guard.js', moduleUrl));
}
