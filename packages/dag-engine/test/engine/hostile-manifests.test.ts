import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadManifests } from '../../src/engine/manifests/load-manifests.ts';
import { createConfigDirectory, LINEAR_WORKFLOW, node, workflow } from './config-directory.ts';
import { problemsAt, problemsOf } from './load-errors.ts';

let outside = '';
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'agent-engine-outside-'));
});
afterEach(() => rm(outside, { recursive: true, force: true }));

/** Levels of lists, each of nine aliases of the level before. */
const BOMB = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
  .concat(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map(
      (level) =>
        `a${level}: &a${level} [${Array(9)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
    ),
  )
  .join('\n');
const MEBIBYTE = 1024 * 1024;

it.for([
  ['a bomb of aliases', BOMB, 'more than 200 aliases'],
  ['a circular alias', 'a: &a [*a]', 'inside its own anchor'],
  ['an alias without anchor', 'a: *b', 'no anchor before it'],
  ['a key twice', 'nodes: []\nnodes: []', 'written twice'],
  ['a key twice in a node', 'nodes: [{id: a, id: b}]', 'written twice'],
  ['__proto__ as a key', 'nodes: []\n__proto__: {polluted: true}', 'the key "__proto__" is not allowed'],
  ['__proto__ deep inside', 'a: [{b: {__proto__: 1}}]', 'the key "__proto__" is not allowed'],
  [
    'constructor.prototype',
    'constructor: {prototype: {polluted: true}}',
    'the key "constructor" is not allowed',
  ],
  ['a tag', 'a: !!js/function "function () {}"', 'Unresolved tag'],
  ['a list as a key', '? [a, b]\n: c', 'not plain text'],
  ['a number that JSON lacks', 'a: .inf', 'JSON does not have'],
  ['two documents', 'a: 1\n---\nb: 2', 'Source contains multiple documents'],
  ['deep nesting', `a: ${'['.repeat(101)}${']'.repeat(101)}`, 'nested deeper than 100 levels'],
  ['nesting that exhausts a stack', '['.repeat(400_000), 'nested too deeply'],
  ['10 MB', `a: ${'x'.repeat(10 * MEBIBYTE)}`, 'larger than 524288 bytes'],
  ['bytes that are no UTF-8', Uint8Array.of(0x61, 0x3a, 0x20, 0xff), 'is not UTF-8 text'],
] as const)('refuses %s, naming the file', async ([, content, reason]) => {
  const problems = await problemsOf({ 'workflow.yaml': content });
  expect(problems).toEqual([
    {
      type: 'ManifestLoadError',
      file: 'workflow.yaml',
      at: null,
      message: expect.stringMatching(`^Error loading workflow.yaml: .*${reason}`),
    },
  ]);
  expect({}).not.toHaveProperty('polluted');
});

it.for([
  ['a key twice', '{"type": "object", "type": "string"}', 'written twice'],
  ['a key twice, once escaped', String.raw`{"a": 1, "\u0061": 2}`, 'written twice'],
  ['__proto__ as a key', '{"properties": {"__proto__": {}}}', 'the key "__proto__" is not allowed'],
  ['deep nesting', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'nested deeper than 100 levels'],
  ['10 MB', ' '.repeat(10 * MEBIBYTE), 'larger than 524288 bytes'],
  ['a remote reference', '{"$ref": "https://127.0.0.1:1/schema.json"}', 'leaves the schemas directory'],
  ['a reference by file address', '{"$ref": "file:///etc/passwd"}', 'leaves the schemas directory'],
  ['a reference by absolute path', '{"$ref": "/etc/passwd"}', 'leaves the schemas directory'],
  ['a reference by network path', '{"$ref": "//host/a"}', 'leaves the schemas directory'],
  ['a reference that climbs out', '{"$ref": "../workflow.yaml"}', 'does not exist'],
  [
    'a reference under an address',
    '{"properties": {"a": {"$id": "http://x/", "$ref": "b"}}}',
    'does not exist',
  ],
  ['an asynchronous schema', '{"$async": true}', 'no keyword of JSON Schema'],
  ['another draft', '{"$schema": "http://json-schema.org/draft-04/schema#"}', 'draft-07 or 2020-12'],
] as const)('refuses a schema with %s, naming the file', async ([, content, reason]) => {
  const problems = await problemsOf({ 'schemas/doc.json': content });
  expect(problems).toEqual([
    {
      type: 'ManifestLoadError',
      file: 'schemas/doc.json',
      at: null,
      message: expect.stringMatching(`^Error loading schemas/doc.json: .*${reason}`),
    },
  ]);
});

it('reads no file that a link in schemas/ leads to outside', async () => {
  await writeFile(join(outside, 'secret.json'), '{"type": "sk-secret"}');
  await using directory = await createConfigDirectory({ 'schemas/ok.json': {} });
  await symlink(join(outside, 'secret.json'), join(directory.path, 'schemas', 'leak.json'));
  await symlink('../workflow.yaml', join(directory.path, 'schemas', 'up.yaml'));
  const problems = await problemsAt(directory.path);
  expect(problems.map(({ message }) => message)).toEqual([
    'Error loading schemas/leak.json: is a link that leads outside its directory',
    'Error loading schemas/up.yaml: is a link that leads outside its directory',
  ]);
});

it('does not follow schemas/ itself, or a manifest, to the outside', async () => {
  await writeFile(join(outside, 'doc.json'), '{}');
  await writeFile(join(outside, 'policy.yaml'), 'policies: []');
  await using directory = await createConfigDirectory();
  await symlink(outside, join(directory.path, 'schemas'));
  await symlink(join(outside, 'policy.yaml'), join(directory.path, 'policy.yaml'));
  const problems = await problemsAt(directory.path);
  expect(problems.map(({ file, message }) => [file, message])).toEqual([
    ['policy.yaml', 'Error loading policy.yaml: is a link that leads outside its directory'],
    ['schemas', 'Error loading schemas: is a link that leads outside its directory'],
  ]);
});

it('follows links that stay inside, as mounted configuration has them', async () => {
  await using directory = await createConfigDirectory({ 'workflow.yaml': null });
  await mkdir(join(directory.path, '..data', 'schemas'), { recursive: true });
  await writeFile(join(directory.path, '..data', 'workflow.yaml'), JSON.stringify(LINEAR_WORKFLOW));
  await writeFile(join(directory.path, '..data', 'schemas', 'doc.json'), '{}');
  await symlink('..data/workflow.yaml', join(directory.path, 'workflow.yaml'));
  await symlink('..data/schemas', join(directory.path, 'schemas'));
  const { manifests } = await loadManifests(directory.path);
  expect(Object.keys(manifests.schemas)).toEqual(['doc']);
});

it('refuses what is no regular file instead of waiting for it', async (context) => {
  await using directory = await createConfigDirectory({ 'memory.yaml/x': '' });
  const { status } = spawnSync('mkfifo', [join(directory.path, 'metrics.yaml')]);
  if (status !== 0) context.skip('mkfifo does not work here');
  const problems = await problemsAt(directory.path);
  expect(problems.map(({ message }) => message)).toEqual([
    'Error loading memory.yaml: is not a regular file',
    'Error loading metrics.yaml: is not a regular file',
  ]);
});

it('refuses more than 8 MiB in all, and more than 500 schemas', async () => {
  const half = `{"description": "${'x'.repeat(MEBIBYTE / 2 - 100)}"}`;
  const large = Object.fromEntries(
    Array.from({ length: 18 }, (_, index) => [`schemas/s${index + 10}.json`, half]),
  );
  expect((await problemsOf(large)).map(({ message }) => message)).toEqual([
    'Error loading schemas/s26.json: the files together are larger than 8388608 bytes',
    'Error loading schemas/s27.json: the files together are larger than 8388608 bytes',
  ]);
  const many = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`schemas/s${index}.json`, {}]));
  expect((await problemsOf(many)).map(({ message }) => message)).toEqual([
    'Error loading schemas: more than 500 files',
  ]);
});

it('never repeats what the credentials file says', async () => {
  const contents = [
    'provider_credentials: [{id: c, provider: p, auth: sk-secret}]',
    'provider_credentials: [{id: c, provider: p, auth: {type: sk-secret, source: sk-secret, env_var: 1}}]',
    'provider_credentials: sk-secret',
    'sk-secret',
    '"a" "sk-secret"',
    'a: *sk-secret',
    'a: !sk-secret b',
    'sk-secret: 1\nsk-secret: 2',
  ];
  for (const content of contents) {
    const problems = await problemsOf({ 'provider_credentials.yaml': content });
    expect(problems, content).not.toEqual([]);
    expect(JSON.stringify(problems), content).not.toContain('sk-secret');
  }
});

it('takes every id there could be, also those that objects have already', async () => {
  const ids = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const nodes = ids.map((id) => node(id, 'linear', { schema_in: id, metadata: { valueOf: 1 } }));
  const all = ['begin', ...ids, 'end'];
  const edges = all.slice(1).map((id, index) => `${all[index] ?? ''}>${id}`);
  await using directory = await createConfigDirectory({
    'workflow.yaml': workflow(
      [node('begin', 'start', { default_start: true }), ...nodes, node('end', 'exit')],
      edges,
    ),
    ...Object.fromEntries(ids.map((id) => [`schemas/${id}.json`, { type: 'object' }])),
  });
  const { manifests } = await loadManifests(directory.path);
  expect(Object.keys(manifests.schemas).sort()).toEqual([...ids].sort());
  expect(manifests.workflow.nodes.map(({ id }) => id)).toEqual(all);
});

it('writes nothing and says so for a directory that does not exist', async () => {
  const path = join(outside, 'nowhere');
  const problems = await problemsAt(path);
  expect(problems).toMatchObject([{ type: 'ManifestLoadError', file: 'nowhere' }]);
  expect(await readdir(outside)).toEqual([]);
  await using directory = await createConfigDirectory();
  const before = await readdir(directory.path);
  await loadManifests(directory.path);
  expect(await readdir(directory.path)).toEqual(before);
});
