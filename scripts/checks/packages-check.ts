import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { fromProblems } from './check.ts';
import type { Check } from './check.ts';
import { manifestProblems } from './manifest-problems.ts';
import { packPackage } from './pack.ts';
import { findPackages } from './packages.ts';
import type { Package } from './packages.ts';
import { runTool } from './run-tool.ts';

/** Every package, packed as it would be published, is complete and its types resolve for ESM consumers. */
export const packagesCheck: Check = {
  name: 'packages',
  title: 'Published packages (manifest, publint, attw)',
  async run(root) {
    const packages = findPackages(root);
    if (packages.length === 0) return fromProblems(['No package was inspected.']);
    const folder = await mkdtemp(join(tmpdir(), 'agentswarm-pack-'));
    try {
      const problems = await Promise.all(packages.map((each) => packageProblems(each, folder)));
      return fromProblems(problems.flat());
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function packageProblems(each: Package, destination: string): Promise<readonly string[]> {
  const tarball = await packPackage(each.folder, destination);
  return [
    ...manifestProblems(each),
    ...(await publintProblems(tarball)),
    ...(await typeProblems(each, tarball)),
  ];
}

async function publintProblems(tarball: string): Promise<readonly string[]> {
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  return messages.map(
    (message) =>
      `${String(pkg['name'])}: publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`,
  );
}

async function typeProblems({ manifest }: Package, tarball: string): Promise<readonly string[]> {
  const command = [
    'attw',
    tarball,
    '--profile',
    'esm-only',
    '--format',
    'ascii',
    '--no-emoji',
    '--no-color',
    '--no-definitely-typed',
  ];
  const { exitCode, output } = await runTool(command, { cwd: join(tarball, '..') });
  return exitCode === 0 ? [] : [`${manifest.name}: attw:\n${output}`];
}
