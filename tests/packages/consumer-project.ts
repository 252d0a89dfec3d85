import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage } from '../../scripts/checks/pack.ts';
import type { Package } from '../../scripts/checks/packages.ts';
import { readManifest } from '../../scripts/checks/packages.ts';
import { repositoryRoot, runTool } from '../../scripts/checks/run-tool.ts';
import { writeToyFile } from '../checks/toy-repository.ts';

const SCOPE = '@agentswarm/';

/** An empty project outside this repository into which plain npm installed our tarballs. */
export interface ConsumerProject extends AsyncDisposable {
  readonly root: string;
  /** Compiles the project's own files, declarations of dependencies included, and returns the complaints. */
  readonly typeErrors: () => Promise<readonly string[]>;
}

/** The package and the `@agentswarm` packages it depends on, directly or not. */
export function closureOf(each: Package, all: readonly Package[]): readonly Package[] {
  const closure = new Set([each]);
  for (const { manifest } of closure) {
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      if (!name.startsWith(SCOPE)) continue;
      const found = all.find((other) => other.manifest.name === name);
      if (found === undefined)
        throw new Error(`${manifest.name} depends on ${name}, which is no package here`);
      closure.add(found);
    }
  }
  return [...closure];
}

/** Packs and installs exactly these packages; what they need besides comes from the registry. */
export async function createConsumerProject(packages: readonly Package[]): Promise<ConsumerProject> {
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-consumer-'));
  const tarballs = await Promise.all(packages.map(({ folder }) => packPackage(folder, root)));
  const nodeTypes = readManifest(join(repositoryRoot, 'node_modules', '@types', 'node')).version ?? '';
  await writeToyFile(root, 'package.json', { name: 'consumer', private: true, type: 'module' });
  await writeToyFile(root, 'tsconfig.json', TSCONFIG);
  const install = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-save'];
  const { exitCode, output } = await runTool([...install, ...tarballs, `@types/node@${nodeTypes}`], {
    cwd: root,
  });
  if (exitCode !== 0) throw new Error(`npm could not install the tarballs:\n${output}`);
  return {
    root,
    typeErrors: () => compile(root),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
  },
  include: ['*.ts'],
};

/** Mistakes in other people's declarations are theirs; ours and the consumer's own count. */
async function compile(root: string): Promise<readonly string[]> {
  const { exitCode, output } = await runTool(['tsc', '-p', 'tsconfig.json', '--pretty', 'false'], {
    cwd: root,
  });
  if (exitCode === 0) return [];
  const errors = output.split('\n').filter((line) => /^\S+\(\d+,\d+\): error|^error/.test(line));
  return errors.filter(
    (line) => !line.startsWith('node_modules/') || line.startsWith(`node_modules/${SCOPE}`),
  );
}
