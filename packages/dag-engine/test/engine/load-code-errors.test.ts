import { expect, it } from 'vitest';
import { AggregateManifestError, Engine, type EngineOptions } from '../../src/engine.ts';
import {
  createConfigDirectory,
  MINIMAL_FILES,
  node,
  workflow,
  type FileContent,
} from './config-directory.ts';

type Files = Readonly<Record<string, FileContent>>;

/** What is wrong once the manifests are read and the code they name is looked for: `file @place: message`. */
async function problemsOf(files: Files, options: EngineOptions = {}): Promise<readonly string[]> {
  await using directory = await createConfigDirectory(files);
  let failure: unknown;
  try {
    await using _engine = await Engine.fromConfigDir(directory.path, options);
    return [];
  } catch (error) {
    failure = error;
  }
  const errors = failure instanceof AggregateManifestError ? failure.errors : [failure as Error];
  return errors.map((error) => {
    const { file_name, field_path } = (error as Partial<AggregateManifestError>).details ?? {};
    return `${error.name} ${String(file_name)} @${String(field_path)}: ${error.message}`;
  });
}

const PLUGINS = `
export class Good { constructor(pluginId) { this.pluginId = pluginId; } onEvent() {} }
export class Mute { constructor(pluginId) { this.pluginId = pluginId; } }
export class Throwing { constructor() { throw new RangeError('not today'); } }
export class Refusing extends Good { registerExtensions() { throw new RangeError('not here'); } }
export const notAClass = 1;
`;
const plugin = (entrypoint: string, more: object = {}): Files => ({
  'plugins.mjs': PLUGINS,
  'broken.mjs': 'export class Good {',
  'raising.mjs': "throw new RangeError('at import');",
  'plugins.yaml': { plugins: [{ id: 'p', entrypoint, ...more }] },
});
const tool = (entrypoint: string): Files => ({
  'tool.mjs': 'export const run = () => 1;\nexport const number = 1;\n',
  'tools.yaml': { tools: [{ ...MINIMAL_FILES['tools.yaml'].tools[0], entrypoint }] },
});
const AT_PLUGIN = 'SchemaValidationError plugins.yaml @plugins[0]: .*';
const AT_TOOL = String.raw`SchemaValidationError tools.yaml @tools\[0\]\.entrypoint: .*`;
const plugins = (reason: string) => `${AT_PLUGIN.replace('[0]', String.raw`\[0\]`)}${reason}`;

it.for<readonly [string, Files, ...(readonly string[])]>([
  ['a plugin that is there', plugin('./plugins.mjs:Good')],
  ['a plugin whose module is missing', plugin('./gone.mjs:Good'), plugins('names no file')],
  [
    'a plugin whose package is missing',
    plugin('gone_package.Plugin'),
    plugins('cannot be imported|names no file'),
  ],
  ['a plugin whose class is missing', plugin('./plugins.mjs:Gone'), plugins('has no function "Gone"')],
  ['a plugin that is no class', plugin('./plugins.mjs:notAClass'), plugins('has no function')],
  ['a plugin that hears nothing', plugin('./plugins.mjs:Mute'), plugins('is not a plugin')],
  ['a plugin whose constructor throws', plugin('./plugins.mjs:Throwing'), plugins('not today')],
  ['a plugin that cannot register', plugin('./plugins.mjs:Refusing'), plugins('not here')],
  ['a plugin with a typing error', plugin('./broken.mjs:Good'), plugins('cannot be imported')],
  ['a plugin that throws when imported', plugin('./raising.mjs:Good'), plugins('at import')],
  ['a broken plugin that is switched off', plugin('./raising.mjs:Good', { enabled: false })],
  ['a tool that is there', tool('./tool.mjs:run')],
  ['a tool whose module is missing', tool('./gone.mjs:run'), `${AT_TOOL}names no file`],
  ['a tool whose package is missing', tool('gone_package:run'), `${AT_TOOL}gone_package`],
  ['a tool whose function is missing', tool('./tool.mjs:gone'), `${AT_TOOL}has no function "gone"`],
  ['a tool that is no function', tool('./tool.mjs:number'), `${AT_TOOL}has no function "number"`],
  [
    'a provider whose factory is missing',
    { 'providers.yaml': { providers: [{ id: 'p', type: 'llm', factory: './gone.mjs:make' }] } },
    String.raw`SchemaValidationError providers.yaml @providers\[0\]\.factory: .*names no file`,
  ],
  [
    'a retrieval policy that no plugin brings after all',
    {
      ...plugin('./plugins.mjs:Good'),
      'memory.yaml': {
        context_profiles: [{ id: 'c', max_tokens: 5, retrieval_policy: 'semantic', sources: [] }],
      },
    },
    String.raw`SchemaValidationError memory.yaml @memory\.context_profiles\.c: .*"semantic"`,
  ],
  [
    'a backend that no plugin brings after all',
    { ...plugin('./plugins.mjs:Good'), 'memory.yaml': { memory: { task_store: { backend: 'redis' } } } },
    'SchemaValidationError memory.yaml @memory: .*redis',
  ],
  [
    'a database that cannot be opened',
    { 'artifacts.yaml': { backend: 'sqlite', db_path: '/dev/null/memory.db' } },
    'SchemaValidationError artifacts.yaml @backend: .*',
  ],
  [
    'a memory that cannot be opened',
    { 'memory.yaml': { memory: { task_store: { backend: 'sqlite', db_path: '/dev/null/memory.db' } } } },
    'SchemaValidationError memory.yaml @memory: .*',
  ],
  [
    'everything that names code which is not there, at once',
    { ...plugin('./gone.mjs:Good'), ...tool('./gone.mjs:run') },
    plugins('names no file'),
    `${AT_TOOL}names no file`,
  ],
])('tells of %s', async ([, files, ...expected]) => {
  const problems = await problemsOf(files);
  expect(problems).toEqual(expected.map((text) => expect.stringMatching(new RegExp(`^${text}`)) as string));
});

it('names the option where a plugin that was given could not register', async () => {
  const given = {
    pluginId: 'given',
    onEvent: () => undefined,
    registerExtensions: () => {
      throw new RangeError('not here');
    },
  };
  expect(await problemsOf({}, { plugins: [given] })).toEqual([
    'SchemaValidationError options @plugins.given: Schema validation error in options at plugins.given: plugin "given" could not register its extensions: not here',
  ]);
});

it('looks for no code while the manifests are wrong', async () => {
  const files = {
    ...plugin('./raising.mjs:Good'),
    'workflow.yaml': workflow([node('start', 'start')], []),
  };
  expect(await problemsOf(files)).toEqual([
    expect.stringMatching(/^DAGValidationError workflow\.yaml .*default_start/) as string,
  ]);
});
