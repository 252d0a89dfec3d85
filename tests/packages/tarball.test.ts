import { existsSync, readdirSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCheck } from '../../scripts/checks/build-check.ts';
import { findPackages } from '../../scripts/checks/packages.ts';
import type { Package } from '../../scripts/checks/packages.ts';
import { repositoryRoot, runTool } from '../../scripts/checks/run-tool.ts';
import { writeToyFile } from '../checks/toy-repository.ts';
import { closureOf, createConsumerProject } from './consumer-project.ts';
import type { ConsumerProject } from './consumer-project.ts';
import {
  importedPackages,
  importOfEveryExport,
  importsOfBuild,
  installedByReadme,
  readExamples,
} from './package-sources.ts';

const packages = findPackages(repositoryRoot);
const INSTALL_TIMEOUT_MS = 300_000;

const shortName = ({ folder }: Package) => basename(folder);
const named = packages.map((each) => [shortName(each), each] as const);

beforeAll(async () => {
  const built = await buildCheck.run(repositoryRoot);
  if (!built.ok) throw new Error(`the packages do not build:\n${built.report}`);
}, INSTALL_TIMEOUT_MS);

describe('what a package needs is declared', () => {
  test.each(named)('%s: everything its build imports is a dependency', (_name, each) => {
    const declared = new Set([
      each.manifest.name,
      ...Object.keys(each.manifest.dependencies ?? {}),
      ...peers(each),
    ]);
    expect([...importsOfBuild(each)].filter((name) => !declared.has(name))).toEqual([]);
  });

  test.each(named)('%s: its examples need nothing that its install line does not bring', (_name, each) => {
    const imported = examplesOf(each).flatMap((example) => [...importedPackages(example)]);
    const named = new Set([each.manifest.name, ...installedByReadme(each)]);
    const installed = packages
      .filter(({ manifest }) => named.has(manifest.name))
      .flatMap((other) => closureOf(other, packages).map(({ manifest }) => manifest.name));
    expect(imported.filter((name) => !installed.includes(name))).toEqual([]);
  });
});

describe('all packages in one project', () => {
  let project: ConsumerProject;
  let typeErrors: readonly string[];

  beforeAll(async () => {
    project = await createConsumerProject(packages);
    for (const each of packages) await writePrograms(project, each);
    typeErrors = await project.typeErrors();
  }, INSTALL_TIMEOUT_MS);
  afterAll(() => project[Symbol.asyncDispose]());

  test.each(named)('%s: its exports and its examples type-check', (name, each) => {
    const own = (line: string) =>
      line.startsWith(`exports-${name}.ts`) ||
      line.startsWith(`example-${name}-`) ||
      line.startsWith(`node_modules/${each.manifest.name}/`);
    expect(typeErrors.filter(own)).toEqual([]);
  });

  test('nothing else is wrong with the types', () => {
    expect(typeErrors.filter((line) => line.startsWith('error'))).toEqual([]);
  });

  test.each(named)('%s: its README examples run', (_name, each) => expectExamplesRun(project, each));

  test.each([
    ['the project of the demo', 'target-repo', 'target-repo'],
    ['its authored answers', 'packages/cli/demo/voxelcraft', 'demo/voxelcraft'],
  ])('the command carries %s whole', async (_what, source, bundled) => {
    const listed = await runTool(['git', 'ls-files', source], { cwd: repositoryRoot });
    const tracked = listed.stdout
      .trim()
      .split('\n')
      .map((path) => relative(source, path));
    // npm packs no file of the name .gitignore.
    const expected = tracked.map((path) => path.replace(/(^|\/)\.gitignore$/, '$1_gitignore'));
    const folder = join(project.root, 'node_modules/@agentswarm/cli/dist', bundled);
    const packed = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    expect(packed.toSorted()).toEqual(expected.toSorted());
  });

  test('the command carries the programs that talk to Modal, without their tests', async () => {
    const listed = await runTool(['git', 'ls-files', 'infra/modal_shim', 'infra/fake_modal'], {
      cwd: repositoryRoot,
    });
    const tracked = listed.stdout.trim().split('\n');
    const folder = join(project.root, 'node_modules/@agentswarm/cli/dist/infra');
    const packed = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    const expected = tracked
      .filter((path) => !/\/(tests|bench)\//.test(path))
      .map((path) => relative('infra', path));
    expect(packed.filter((path) => path.includes('/')).toSorted()).toEqual(expected.toSorted());
    expect(packed).toEqual(
      expect.arrayContaining(['deploy_glm5.py', 'glm5_settings.py', 'server_process.py', 'requirements.txt']),
    );
  });

  test('the command prints what it would run on Modal, and says what it lacks for it', async () => {
    const command = join(project.root, 'node_modules', '.bin', 'agentswarm');
    const env = { PYTHON_PATH: 'no-such-python' };
    const printed = await runTool([command, 'infra', 'deploy', '--dry-run'], { cwd: project.root, env });
    expect(printed.exitCode).toBe(0);
    const [python, ...words] = printed.stdout.trim().split(' ');
    expect([python, ...words.slice(0, 3)]).toEqual(['no-such-python', '-m', 'modal', 'deploy']);
    expect(existsSync(words[3] ?? '')).toBe(true);
    const refused = await runTool(
      [command, 'sandbox', 'run', '--empty', '--backend', 'modal', '--', 'true'],
      {
        cwd: project.root,
        env,
      },
    );
    expect(refused.exitCode).toBe(2);
    expect(refused.output).toContain('pip install modal==');
  });

  test('the agentswarm command explains itself', async () => {
    const command = [join(project.root, 'node_modules', '.bin', 'agentswarm'), '--help'];
    const { exitCode, stdout } = await runTool(command, { cwd: project.root });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('agentswarm');
  });
});

describe.each(named.filter(([name]) => ['core', 'merge-queue'].includes(name)))('%s alone', (_name, each) => {
  test(
    'works with nothing but what it depends on',
    async () => {
      await using project = await createConsumerProject(closureOf(each, packages));
      await writePrograms(project, each);
      expect(await project.typeErrors()).toEqual([]);
      await expectExamplesRun(project, each);
    },
    INSTALL_TIMEOUT_MS,
  );
});

async function writePrograms({ root }: ConsumerProject, each: Package): Promise<void> {
  await writeToyFile(root, `exports-${shortName(each)}.ts`, importOfEveryExport(each));
  for (const [index, example] of readExamples(each).entries()) {
    await writeToyFile(root, exampleName(each, index), `${example}\n`);
  }
}

async function expectExamplesRun({ root }: ConsumerProject, each: Package): Promise<void> {
  for (const index of examplesOf(each).keys()) {
    const result = await runTool(['node', exampleName(each, index)], { cwd: root });
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout.trim()).not.toBe('');
  }
}

function exampleName(each: Package, index: number): string {
  return `example-${shortName(each)}-${index}.ts`;
}

function examplesOf(each: Package): readonly string[] {
  const examples = readExamples(each);
  if (examples.length === 0) throw new Error(`${each.manifest.name}: README.md has no example`);
  return examples;
}

function peers({ manifest }: Package): readonly string[] {
  return Object.keys(manifest.peerDependencies ?? {});
}
