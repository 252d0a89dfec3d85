import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindTools, type BindToolsOptions } from '../../src/engine/tools/bind-tools.ts';
import { readFileTool } from '../../src/engine/tools/filesystem/read-file.ts';
import { writeFileTool } from '../../src/engine/tools/filesystem/write-file.ts';
import type { ToolDefinition } from '../../src/engine/model/manifest-set.ts';
import { toolOf } from './stage-fixture.ts';

let base: string;
let workspaceRoot: string;
let configDir: string;

beforeEach(async () => {
  base = await fs.realpath(await fs.mkdtemp(join(tmpdir(), 'engine-bind-')));
  workspaceRoot = join(base, 'project');
  configDir = join(workspaceRoot, 'config');
  await fs.mkdir(configDir, { recursive: true });
});
afterEach(() => fs.rm(base, { recursive: true, force: true }));

const write = async (path: string, text: string) => {
  await fs.mkdir(join(base, path, '..'), { recursive: true });
  await fs.writeFile(join(base, path), text);
};
const bindOne = async (changes: Partial<ToolDefinition>, options: Partial<BindToolsOptions> = {}) => {
  const { tools, problems } = await bindTools([toolOf(changes)], { configDir, workspaceRoot, ...options });
  return { binding: tools.get('lookup'), problems };
};
const called = async (changes: Partial<ToolDefinition>, options: Partial<BindToolsOptions> = {}) => {
  const { binding, problems } = await bindOne(changes, options);
  if (typeof binding?.run !== 'function') return problems;
  const { signal } = new AbortController();
  return binding.run({ in: 1 }, { workspaceRoot, root: workspaceRoot, signal });
};

describe('what runs a tool is', () => {
  it('the function given for its id, before anything else', async () => {
    const handlers = { lookup: () => 'given' };
    const factoryFor = () => () => expect.unreachable();
    expect(
      await called({ entrypoint: 'agent_engine.tools.filesystem:read_file' }, { handlers, factoryFor }),
    ).toBe('given');
  });

  it('what a plugin makes for its type, with its own definition', async () => {
    const made = toolOf({ description: 'remade' });
    const factoryFor: BindToolsOptions['factoryFor'] = (type) =>
      type === 'special'
        ? (definition, root) => ({ definition: { ...made, name: definition.name }, handler: () => root })
        : undefined;
    expect(await called({ type: 'special' }, { factoryFor })).toBe(workspaceRoot);
    expect((await bindOne({ type: 'special' }, { factoryFor })).binding?.definition.description).toBe(
      'remade',
    );
    expect(await called({ type: 'other' }, { factoryFor })).toMatchObject([
      { field_path: 'tools[0].entrypoint' },
    ]);
  });

  it("the engine's own file tools, by alias or by id; writing is known to change things", async () => {
    const alias = (name: string) => bindOne({ entrypoint: `agent_engine.tools.filesystem:${name}` });
    expect((await alias('read_file')).binding).toMatchObject({ run: readFileTool, mutates: false });
    expect((await alias('write_file')).binding).toMatchObject({ run: writeFileTool, mutates: true });
    expect((await alias('list_files')).binding).toMatchObject({ mutates: false });
    expect((await alias('remove_file')).problems).toHaveLength(1);
    const { tools } = await bindTools([toolOf({ tool_id: 'filesystem.write_file' })], {
      configDir,
      workspaceRoot,
    });
    expect(tools.get('filesystem.write_file')).toMatchObject({ run: writeFileTool, mutates: true });
  });

  it('the model, for an llm_tool', async () => {
    expect((await bindOne({ kind: 'llm_tool' })).binding).toMatchObject({ run: 'llm' });
  });

  it.each([
    [
      './tools.ts:lookup',
      'project/config/tools.ts',
      'export const lookup = (inputs: object): object => ({ ...inputs, ts: true });',
    ],
    [
      '../lib/tools.js:lookup',
      'project/lib/tools.js',
      'export function lookup(inputs) { return { ...inputs, ts: true }; }',
    ],
    [
      'lib.tools:lookup',
      'project/lib/tools.mjs',
      'export async function lookup(inputs) { return { ...inputs, ts: true }; }',
    ],
    [
      'helpers:lookup',
      'project/config/helpers.mts',
      'export const lookup = (inputs: object) => ({ ...inputs, ts: true });',
    ],
    [
      'some-package/tools:lookup',
      'project/node_modules/some-package/tools.js',
      'exports.lookup = (inputs) => ({ ...inputs, ts: true });',
    ],
    [
      'plain:lookup',
      'project/node_modules/plain/index.js',
      'exports.lookup = (inputs) => ({ ...inputs, ts: true });',
    ],
  ])('a function of the project: %s', async (entrypoint, path, text) => {
    if (path.includes('some-package')) {
      const exports = { './tools': './tools.js' };
      await write(
        'project/node_modules/some-package/package.json',
        JSON.stringify({ name: 'some-package', exports }),
      );
    }
    await write(path, text);
    expect(await called({ entrypoint })).toEqual({ in: 1, ts: true });
  });

  it('an echo, only if that is wanted', async () => {
    const entrypoint = 'tools:missing';
    expect(await called({ entrypoint }, { allowEchoTools: true })).toEqual({
      tool: 'lookup',
      echo: { in: 1 },
    });
    expect(await called({ entrypoint })).toEqual([
      {
        field_path: 'tools[0].entrypoint',
        message: 'entrypoint "tools:missing" names no file of the project and no installed package',
      },
    ]);
  });
});

describe('is a problem:', () => {
  it.each([
    ['no function', 'tools'],
    ['an empty function', 'tools:'],
    ['an empty module', ':fn'],
    ['nothing', ''],
    ['a missing file', './missing.js:fn'],
    ['a missing function', './there.js:other'],
    ['an export that is no function', './there.js:value'],
    ['a name of every object', './there.js:toString'],
    ['a module that throws', './throws.js:fn'],
    ['a module with a mistake', './broken.js:fn'],
    ['a directory', './dir:fn'],
    ['a file outside the project', '../../outside.js:fn'],
    ['a symlink out of the project', './link.js:fn'],
    ['an absolute path', '/tmp/x.js:fn'],
    ['a URL', 'data:text/javascript,export const fn = () => 1:fn'],
    ['a file URL', 'file:///tmp/x.js:fn'],
    ['a web address', 'https://example.com/x.js:fn'],
    ['a built-in module', 'node:fs:rmSync'],
    ['a built-in module by its short name', 'child_process:execSync'],
    ['a missing package', 'not-installed-anywhere:fn'],
    ['a way up in a package', 'plain/../../../outside:fn'],
  ])('%s', async (_what, entrypoint) => {
    await write('project/config/there.js', 'export const fn = () => 1; export const value = 5;');
    await write('project/config/throws.js', 'throw new Error("at load");');
    await write('project/config/broken.js', 'export const = ;');
    await write('project/config/dir/index.js', 'export const fn = () => 1;');
    await write('outside.js', 'globalThis.outsideRan = true; export const fn = () => 1;');
    await fs.symlink(join(base, 'outside.js'), join(configDir, 'link.js'));
    const { binding, problems } = await bindOne({ entrypoint });
    expect(binding).toBeUndefined();
    expect(problems).toEqual([
      { field_path: 'tools[0].entrypoint', message: expect.stringContaining(`"${entrypoint}"`) },
    ]);
    expect(globalThis).not.toHaveProperty('outsideRan');
  });

  it('a factory that throws', async () => {
    const factoryFor = () => () => {
      throw new TypeError('no');
    };
    expect((await bindOne({}, { factoryFor })).problems).toMatchObject([
      { message: expect.stringContaining('no') },
    ]);
  });

  it.each(['../elsewhere', '/', '..', 'docs/../..'])(
    'a root outside the workspace: %s',
    async (filesystem_root) => {
      expect((await bindOne({ filesystem_root }, { handlers: { lookup: () => 1 } })).problems).toMatchObject([
        { field_path: 'tools[0].permissions' },
      ]);
    },
  );
});

it('tells every problem at once, by position, and binds the rest', async () => {
  const { tools, problems } = await bindTools(
    [
      toolOf({ tool_id: 'a', entrypoint: 'x' }),
      toolOf({ tool_id: '__proto__' }),
      toolOf({
        tool_id: 'c',
        entrypoint: 'agent_engine.tools.filesystem:read_file',
        filesystem_root: 'docs',
      }),
      toolOf({ tool_id: 'toString' }),
    ],
    { configDir, workspaceRoot, handlers: {} },
  );
  expect([...tools.keys()]).toEqual(['c']);
  expect(problems.map(({ field_path }) => field_path)).toEqual([
    'tools[0].entrypoint',
    'tools[1].entrypoint',
    'tools[3].entrypoint',
  ]);
});
