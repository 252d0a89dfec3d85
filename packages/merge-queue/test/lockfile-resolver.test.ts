import { expect, it } from 'vitest';
import type { ExecRequest, ExecResult, Sandbox, SandboxBackend, SandboxSpec } from '@agentswarm/core';
import { listTree } from '@agentswarm/git';
import { lockfileResolver } from '@agentswarm/merge-queue';
import { idleSandbox, silentExec } from './idle-sandbox.ts';
import { createSampleMerge, runConflictResolverSuite, type MergeSample } from '../src/testing.ts';

const ENDED: ExecResult = { reason: 'exited', exitCode: 0, stdout: '', stderr: '', durationMs: 1 };

/** A backend whose one tool writes `lock` into the lockfile it finds: what the resolver does with tools and sandboxes. */
class ScriptedBackend implements SandboxBackend {
  readonly description = 'scripted';
  readonly specs: SandboxSpec[] = [];
  readonly requests: ExecRequest[] = [];
  readonly starts: string[] = [];
  open = 0;
  readonly #run: (request: ExecRequest, written: string) => { result?: Partial<ExecResult>; lock?: string };

  constructor(run: ScriptedBackend['run'] = () => ({ lock: 'regenerated\n' })) {
    this.#run = run;
  }

  get run() {
    return this.#run;
  }

  async create(spec: SandboxSpec, options?: { readonly signal?: AbortSignal }): Promise<Sandbox> {
    options?.signal?.throwIfAborted();
    this.specs.push(spec);
    this.open += 1;
    const files = new Map<string, string>();
    let last = '';
    const terminate = async () => {
      this.open -= 1;
    };
    return {
      ...idleSandbox(spec.labels),
      exec: (request) => {
        this.requests.push(request);
        const { result, lock } = this.#run(request, files.get(last) ?? '');
        if (lock !== undefined) files.set(last, lock);
        return silentExec({ ...ENDED, ...result });
      },
      readFile: async (path) => Buffer.from(files.get(path) ?? ''),
      writeFile: async (path, content) => {
        this.starts.push(`${path} ${content.toString()}`);
        files.set(path, content.toString());
        last = path;
      },
      terminate,
      [Symbol.asyncDispose]: terminate,
    };
  }

  attach = () => Promise.reject(new TypeError('a resolver attaches to nothing'));
  list = async () => [];
  reap = async () => 0;
  async [Symbol.asyncDispose]() {}
}

const SAMPLE: MergeSample = {
  base: { 'p/package.json': '{}', 'p/package-lock.json': 'base\n' },
  ours: { 'p/package.json': '{"a":1}', 'p/package-lock.json': 'base\nours\n' },
  theirs: { 'p/package.json': '{}', 'p/package-lock.json': 'base\ntheirs\n' },
};

runConflictResolverSuite({
  name: 'lockfile',
  create: () => lockfileResolver({ backend: new ScriptedBackend(), run: 'run-1' }),
  sample: SAMPLE,
});

it('has the tool write ours anew on the merged tree, and tells how much of theirs is gone', async () => {
  await using merge = await createSampleMerge(SAMPLE);
  const backend = new ScriptedBackend((_request, start) => ({ lock: `${start}new\n` }));
  const resolver = lockfileResolver({ backend, run: 'run-1', network: 'open', timeoutMs: 5 });
  const [resolution] = await resolver.resolve(merge.request);
  expect(await merge.textOf(resolution?.version)).toBe('base\nours\nnew\n');
  expect(resolution).toMatchObject({
    path: 'p/package-lock.json',
    dropped: ['theirs: 1 line pinned otherwise'],
  });
  expect(backend.starts).toEqual(['/w/p/package-lock.json base\nours\n']);
  expect(backend.requests).toEqual([
    expect.objectContaining({
      command: ['npm', 'install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
      cwd: '/w/p',
      timeoutMs: 5,
    }),
  ]);
  const [spec] = backend.specs;
  expect(spec).toMatchObject({ labels: { run: 'run-1' }, network: 'open' });
  const { repository, tree } = merge.request;
  const checkedOut = await listTree({ repository, commit: spec?.source?.commit ?? '' });
  expect(checkedOut).toEqual(await listTree({ repository, commit: tree }));
  expect(backend.open).toBe(0);
});

it('regenerates what merged cleanly after both sides changed it, unless it comes out the same', async () => {
  const both = { 'Cargo.toml': '', 'Cargo.lock': 'both\n' };
  await using merge = await createSampleMerge({
    base: { 'Cargo.toml': '', 'Cargo.lock': '' },
    ours: both,
    theirs: both,
  });
  const backend = new ScriptedBackend();
  const [resolution] = await lockfileResolver({ backend, run: 'run-1' }).resolve(merge.request);
  expect(await merge.textOf(resolution?.version)).toBe('regenerated\n');
  expect(backend.requests[0]?.command).toEqual(['cargo', 'update', '--workspace', '--offline']);
  const same = lockfileResolver({ backend: new ScriptedBackend(() => ({})), run: 'run-1' });
  expect(await same.resolve(merge.request)).toEqual([]);
});

it.each<[string, Partial<ExecResult>]>([
  ['fails', { exitCode: 1 }],
  ['is missing in a shell', { exitCode: 127 }],
  ['is missing', { reason: 'not_started' }],
  ['takes too long', { reason: 'timed_out' }],
])('declines when the tool %s, and leaves no sandbox', async (_what, result) => {
  await using merge = await createSampleMerge(SAMPLE);
  const backend = new ScriptedBackend(() => ({ result }));
  expect(await lockfileResolver({ backend, run: 'run-1' }).resolve(merge.request)).toEqual([]);
  expect(backend).toMatchObject({ open: 0, requests: [expect.anything()] });
});

it.each<[string, MergeSample['theirs']]>([
  ['a manifest is undecided', { ...SAMPLE.theirs, 'p/package.json': '{"b":1}' }],
  ['the manifest is gone', { 'p/package-lock.json': 'base\ntheirs\n' }],
])('starts nothing while %s', async (_what, theirs) => {
  const ours = {
    ...SAMPLE.ours,
    'p/package.json': theirs['p/package.json'] === undefined ? '{}' : '{"a":1}',
  };
  await using merge = await createSampleMerge({ ...SAMPLE, ours, theirs });
  const backend = new ScriptedBackend();
  expect(await lockfileResolver({ backend, run: 'run-1' }).resolve(merge.request)).toEqual([]);
  expect(backend.specs).toEqual([]);
});

it('starts nothing for a lockfile of an old yarn, which would install', async () => {
  const files = (lock: string) => ({ 'package.json': '{}', 'yarn.lock': `# yarn lockfile v1\n${lock}\n` });
  await using merge = await createSampleMerge({ base: files(''), ours: files('o'), theirs: files('t') });
  const backend = new ScriptedBackend();
  expect(await lockfileResolver({ backend, run: 'run-1' }).resolve(merge.request)).toEqual([]);
  expect(backend.specs).toEqual([]);
});

it('has another context when a manifest anywhere in the tree is another', async () => {
  const contextOf = async (ours: MergeSample['ours']) => {
    await using merge = await createSampleMerge({ ...SAMPLE, ours: { ...SAMPLE.ours, ...ours } });
    return await lockfileResolver({ backend: new ScriptedBackend(), run: 'run-1' }).contextOf?.(
      merge.request,
    );
  };
  const context = await contextOf({});
  expect(await contextOf({ 'src/a.ts': 'x' })).toBe(context);
  expect(await contextOf({ 'p/deep/package.json': '{}' })).not.toBe(context);
});
