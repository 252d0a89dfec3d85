import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromProblems } from './check.ts';
import type { Check } from './check.ts';
import { findPackages, readManifest } from './packages.ts';
import type { Package } from './packages.ts';

const CAPS = 'scripts/checks/dependency-caps.json';

/** What installing a package brings along is recorded; more of it is a decision, not an accident. */
export const dependenciesCheck: Check = {
  name: 'dependencies',
  title: 'Number of production dependencies',
  run(root) {
    const caps = JSON.parse(readFileSync(join(root, CAPS), 'utf8')) as Record<string, number>;
    const problems = findPackages(root).flatMap((each) => problemsOf(each, caps[each.manifest.name]));
    return Promise.resolve(fromProblems(problems));
  },
};

function problemsOf({ folder, manifest }: Package, cap: number | undefined): readonly string[] {
  const count = externalDependencies(folder).size;
  if (cap === undefined)
    return [`${manifest.name}: no cap is recorded in ${CAPS}; it has ${count} dependencies`];
  if (count > cap)
    return [`${manifest.name}: ${count} dependencies, direct and indirect; ${CAPS} allows ${cap}`];
  return [];
}

/** Follows "dependencies" through node_modules; packages of this workspace are walked but not counted. */
function externalDependencies(folder: string): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [realpathSync(folder)];
  const seen = new Set(pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const name of Object.keys(readManifest(next).dependencies ?? {})) {
      const target = findInstalled(next, name);
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      pending.push(target);
      if (!name.startsWith('@agentswarm/')) found.add(target);
    }
  }
  return found;
}

function findInstalled(folder: string, name: string): string | undefined {
  for (let parent = folder; ; parent = dirname(parent)) {
    const candidate = join(parent, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate);
    if (parent === dirname(parent)) return undefined;
  }
}
