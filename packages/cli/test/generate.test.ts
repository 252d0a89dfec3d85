import { writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serveModel } from './engine-project.ts';
import { createModelFolder } from './model-folder.ts';
import { spawnCli } from './spawned-cli.ts';

const ANSWERS = {
  silent: '<think>Nothing.</think>',
  '.': '<think>Hm.</think>```ts\nexport const a = 1;\n```',
};

it('writes what the model answers, without its thoughts and fence', async () => {
  await using folder = await createModelFolder(ANSWERS);
  await folder.write('given.ts', 'const given = 0;');
  await folder.write('request.txt', 'one constant');
  const argv = ['generate', 'a.ts', '@request.txt', '--context', 'given.ts', '--context', 'request.txt'];
  const { code, stdout, stderr } = await folder.run(argv);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^path {4}a\.ts\nmodel {3}glm-5 at default\ntokens {2}\d+\n$/);
  expect(await readFile(join(folder.root, 'a.ts'), 'utf8')).toBe('export const a = 1;\n');
  expect(await readdir(folder.root)).toEqual(['a.ts', 'given.ts', 'request.txt']);
});

it('says what it wrote as JSON, and takes the prompt from standard input', async () => {
  await using folder = await createModelFolder(ANSWERS);
  const { stdout } = await folder.run(['generate', 'a.ts', '-', '--json'], { typed: 'one constant' });
  const { tokens, ...written } = JSON.parse(stdout) as {
    tokens: Record<'prompt' | 'completion' | 'total', number>;
  };
  expect(written).toEqual({ v: 1, path: 'a.ts', bytes: 20, model: 'glm-5', endpoint: 'default' });
  expect(tokens.total).toBe(tokens.prompt + tokens.completion);
});

it('tells the model path, language, context and request, and nothing else', async () => {
  await using folder = await createModelFolder();
  await using server = await serveModel(() => ({ text: 'x' }));
  await folder.write('given.ts', 'const given = 0;');
  await folder.run(['generate', 'a.py', 'Do it', '--context', './given.ts'], {
    env: { LLM_BASE_URL: server.url },
  });
  const [system, user] = server.asked[0]?.body.messages ?? [];
  expect(system?.content).toContain('complete content of the file and nothing else');
  expect(user?.content).toBe(
    'File: a.py\nLanguage: Python\n\nFiles for context:\n\n--- ./given.ts ---\nconst given = 0;\n\n\nRequest:\nDo it',
  );
});

it('asks nobody before it is clear that the file may be written', async () => {
  await using folder = await createModelFolder();
  await using server = await serveModel(() => ({ text: 'x' }));
  await mkdir(join(folder.root, 'inside'));
  await mkdir(join(folder.root, '.git'));
  await mkdir(join(folder.root, '.git', 'hooks'));
  await symlink(join(folder.root, '.git', 'hooks'), join(folder.root, 'hooks'));
  await symlink('/tmp', join(folder.root, 'away'));
  await symlink(join(folder.root, 'nowhere'), join(folder.root, 'dangling'));
  await folder.write('mine.ts', 'mine');
  const refusals = [
    ['../a.ts', 'lies outside', 'CLI_OUTPUT_REFUSED'],
    ['hooks/post-commit', 'git repository, behind a link', 'CLI_OUTPUT_REFUSED'],
    ['/tmp/a.ts', 'lies outside', 'CLI_OUTPUT_REFUSED'],
    ['away/a.ts', 'behind a link', 'CLI_OUTPUT_REFUSED'],
    ['inside', 'is a directory', 'CLI_OUTPUT_REFUSED'],
    ['new/', 'is a directory', 'CLI_OUTPUT_REFUSED'],
    ['.', 'is a directory', 'CLI_OUTPUT_REFUSED'],
    ['', 'is a directory', 'CLI_OUTPUT_REFUSED'],
    ['none/a.ts', 'does not exist', 'CLI_OUTPUT_REFUSED'],
    ['mine.ts/a.ts', 'no folder', 'CLI_OUTPUT_REFUSED'],
    ['.git/config', 'git repository', 'CLI_OUTPUT_REFUSED'],
    ['dangling', 'no regular file', 'CLI_OUTPUT_REFUSED'],
    ['mine.ts', 'exists', 'CLI_OUTPUT_EXISTS'],
  ];
  for (const [out = '', why, errorCode] of refusals) {
    const { code, stderr } = await folder.run(['generate', out, 'x'], { env: { LLM_BASE_URL: server.url } });
    expect([out, code, stderr]).toEqual([out, 2, expect.stringContaining(why ?? '')]);
    expect(stderr).toContain(`[${errorCode}]`);
  }
  expect(server.asked).toEqual([]);
  expect(await readFile(join(folder.root, 'mine.ts'), 'utf8')).toBe('mine');
});

it('overwrites with --force only, keeping the permissions', async () => {
  await using folder = await createModelFolder(ANSWERS);
  const path = join(folder.root, 'run.ts');
  await writeFile(path, 'mine');
  await chmod(path, 0o750);
  expect((await folder.run(['generate', 'run.ts', 'x', '--force'])).code).toBe(0);
  expect(await readFile(path, 'utf8')).toBe('export const a = 1;\n');
  expect((await stat(path)).mode & 0o777).toBe(0o750);
});

it('keeps a file that appeared while the model answered', async () => {
  await using folder = await createModelFolder();
  const path = join(folder.root, 'a.ts');
  await using server = await serveModel(() => {
    writeFileSync(path, 'mine');
    return { text: 'x' };
  });
  const { code, stderr } = await folder.run(['generate', 'a.ts', 'x'], { env: { LLM_BASE_URL: server.url } });
  expect([code, stderr]).toEqual([2, expect.stringContaining('[CLI_OUTPUT_EXISTS]')]);
  expect(await readFile(path, 'utf8')).toBe('mine');
  expect(await readdir(folder.root)).toEqual(['a.ts']);
});

it('writes nothing of an answer that was cut or is empty', async () => {
  await using folder = await createModelFolder(ANSWERS);
  await using cutting = await serveModel(() => ({ text: 'const a', finish: 'length' }));
  const cut = await folder.run(['generate', 'a.ts', 'x'], { env: { LLM_BASE_URL: cutting.url } });
  expect([cut.code, cut.stderr]).toEqual([2, expect.stringContaining('[CLI_ANSWER_CUT]')]);
  const empty = await folder.run(['generate', 'a.ts', 'silent']);
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining('[CLI_ANSWER_EMPTY]')]);
  expect(await readdir(folder.root)).toEqual([]);
});

it('refuses an empty prompt, files it cannot read and too many bytes of them', async () => {
  await using folder = await createModelFolder(ANSWERS);
  await folder.write('one.txt', 'x'.repeat(30));
  await folder.write('two.txt', 'é'.repeat(10));
  await folder.write('blank.txt', ' \n');
  const refused = async (argv: readonly string[], typed = '') => {
    const { code, stderr } = await folder.run(['generate', 'a.ts', ...argv], { typed });
    expect(code).toBe(2);
    return stderr;
  };
  for (const prompt of ['', '  ', '@blank.txt', '-']) {
    expect(await refused([prompt])).toContain('[CLI_PROMPT_EMPTY]');
  }
  expect(await refused(['@none.txt'])).toContain('cannot read none.txt');
  expect(await refused(['x', '--context', 'none.txt'])).toContain('cannot read none.txt');
  const files = ['--context', 'one.txt', '--context', 'two.txt'];
  expect(await refused(['x', ...files, '--max-context-bytes', '49'])).toContain(
    'with two.txt the context has 50 bytes; at most 49 are allowed',
  );
  expect(await refused(['x', ...files, '--max-context-bytes', 'many'])).toContain(
    '--max-context-bytes must be',
  );
  expect((await folder.run(['generate', 'a.ts', 'x', ...files, '--max-context-bytes', '50'])).code).toBe(0);
});

it('keeps within the budget, and needs prices for one in dollars', async () => {
  await using folder = await createModelFolder(ANSWERS);
  const small = await folder.run(['generate', 'a.ts', 'x', '--budget-tokens', '100']);
  expect([small.code, small.stderr]).toEqual([3, expect.stringContaining('[BUDGET_EXHAUSTED]')]);
  const dollars = await folder.run(['generate', 'a.ts', 'x'], { env: { BUDGET_USD: '1' } });
  expect([dollars.code, dollars.stderr]).toEqual([2, expect.stringContaining('[PRICE_UNKNOWN]')]);
  expect(await readdir(folder.root)).toEqual([]);
});

it('ends on Ctrl-C with 130 and leaves nothing', async () => {
  await using folder = await createModelFolder();
  const asked = Promise.withResolvers<void>();
  await using server = await serveModel(() => asked.resolve());
  const env = { ...folder.env, LLM_BASE_URL: server.url };
  const { child, result } = spawnCli(['generate', 'a.ts', 'x'], { cwd: folder.root, env });
  await asked.promise;
  child.kill('SIGINT');
  const { code, stdout, stderr } = await result;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).not.toContain('sk-canary');
  expect(await readdir(folder.root)).toEqual([]);
});
