import { existsSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSwarmError, type Sandbox, type SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { ISOLATIONS, localBackend, temporaryFolder } from '../local-machine.ts';
import { CANARY } from './host.ts';

const ROUNDS = process.env['TEST_DEEP'] === undefined ? 150 : 3_000;
const outside = temporaryFolder('reads');
let source: SourceRepository;

beforeAll(async () => {
  source = await createSourceRepository();
  mkdirSync(join(outside, 'objects'));
  writeFileSync(join(outside, 'secret'), CANARY);
});
afterAll(() => source[Symbol.asyncDispose]());

const codeOf = (error: unknown) => (isSwarmError(error) ? error.code : error);
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Keeps exchanging a folder for a link of the same name, until it is ended. */
const EXCHANGING = `const fs = require('node:fs');
const [name, target] = process.argv.slice(1);
fs.mkdirSync(name, { recursive: true }); fs.writeFileSync(name + '/secret', 'own'); fs.symlinkSync(target, name + '.link');
console.log('ready');
for (;;) { fs.renameSync(name, name + '.folder'); fs.renameSync(name + '.link', name); fs.renameSync(name, name + '.link'); fs.renameSync(name + '.folder', name); }`;

describe.each(ISOLATIONS)('the host at work in the folders of a sandbox (isolation %s)', (isolation) => {
  let backend: SandboxBackend;
  const root = temporaryFolder('root');
  beforeAll(() => {
    backend = localBackend(isolation, { root });
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  const open = () =>
    backend.create({
      labels: { run: 'run-reads', purpose: 'attempt' },
      source: source.at(source.commit),
      checkout: 'own',
    });
  const sh = async (sandbox: Sandbox, script: string) =>
    expect(await sandbox.exec({ command: ['bash', '-ec', script] }).result).toMatchObject({ exitCode: 0 });
  const hostNameOf = (sandbox: Sandbox, path: string) =>
    isolation === 'none' ? path : join(root, 'sandboxes', sandbox.id, path.slice('/workspace/'.length));

  it.each([
    ['a link to a file', `ln -s ${outside}/secret handoff.json`],
    ['a link to a link', `ln -s ${outside}/secret one; ln -s one handoff.json`],
    ['a link into /proc', 'ln -s /proc/self/environ handoff.json'],
    ['a pipe', 'mkfifo handoff.json'],
    ['a folder', 'mkdir handoff.json'],
    [
      'a socket',
      `node -e 'require("node:net").createServer().listen("handoff.json").unref()'; [ -S handoff.json ] || mkfifo handoff.json`,
    ],
    ['a file larger than what is read', 'truncate -s 5G handoff.json'],
  ])('reads no handoff that is %s', async (_what, script) => {
    await using sandbox = await open();
    await sh(sandbox, `cd ${sandbox.paths.control}; ${script}`);
    const reading = sandbox.readFile(`${sandbox.paths.control}/handoff.json`, { maxBytes: 100_000 });
    await expect(reading).rejects.toMatchObject({ code: 'SANDBOX_FILE_REFUSED' });
  });

  it('reads no more of a growing file than it wants', async () => {
    await using sandbox = await open();
    const stop = new AbortController();
    const file = `${sandbox.paths.control}/handoff.json`;
    // Bounded by itself, too.
    const growing = sandbox.exec({
      command: ['bash', '-c', `ulimit -f 262144; echo ready; yes >>${file}`],
      signal: stop.signal,
      timeoutMs: 20_000,
    });
    for await (const line of growing.lines) if (line === 'ready') break;
    const reading = async () => {
      for (;;) await sandbox.readFile(file, { maxBytes: bytesOf('y\n') * 50_000 });
    };
    await expect(reading()).rejects.toMatchObject({ code: 'SANDBOX_FILE_REFUSED' });
    stop.abort();
    await growing.result;
  });

  it('writes through no link', async () => {
    await using sandbox = await open();
    const { control } = sandbox.paths;
    await sh(sandbox, `cd ${control}; ln -s ${outside}/written assignment.json; ln -s ${outside} folder`);
    for (const path of ['assignment.json', 'folder/written']) {
      await expect(sandbox.writeFile(`${control}/${path}`, 'x')).rejects.toMatchObject({
        code: 'SANDBOX_FILE_REFUSED',
      });
    }
    expect(existsSync(join(outside, 'written'))).toBe(false);
  });

  it.each(['../../../../../../etc/hostname', 'a/../../../x', '..', '.', ''])(
    'refuses the name %j',
    async (name) => {
      await using sandbox = await open();
      const path = `${sandbox.paths.control}/${name}`;
      await expect(sandbox.readFile(path)).rejects.toMatchObject({ code: 'SANDBOX_FILE_REFUSED' });
      await expect(sandbox.writeFile(path, 'x')).rejects.toMatchObject({ code: 'SANDBOX_FILE_REFUSED' });
    },
  );

  /** Runs `act` over and over while a folder of the sandbox is exchanged for a link to `outside`. */
  async function whileExchanging(sandbox: Sandbox, folder: string, act: (round: number) => Promise<boolean>) {
    const stop = new AbortController();
    const exchanging = sandbox.exec({
      command: ['node', '-e', EXCHANGING, folder, outside],
      signal: stop.signal,
    });
    for await (const line of exchanging.lines) if (line === 'ready') break;
    for (let round = 0; round < ROUNDS; round++) if (!(await act(round))) break;
    stop.abort();
    await exchanging.result;
  }

  it('follows no link that appears while it reads', async () => {
    await using sandbox = await open();
    const folder = `${sandbox.paths.workdir}/shifting`;
    const seen = new Set<string>();
    await whileExchanging(sandbox, folder, async () => {
      const content = await sandbox.readFile(`${folder}/secret`).catch(String);
      seen.add(typeof content === 'string' ? 'refused' : Buffer.from(content).toString());
      return true;
    });
    expect(seen).not.toContain(CANARY);
  });

  it('would otherwise follow such a link', async () => {
    await using sandbox = await open();
    const folder = `${sandbox.paths.workdir}/shifting`;
    const seen = new Set<string>();
    for (let again = 0; again < 40 && !seen.has(CANARY); again++) {
      await whileExchanging(sandbox, folder, async () => {
        seen.add(await readFile(join(hostNameOf(sandbox, folder), 'secret'), 'utf8').catch(String));
        return !seen.has(CANARY);
      });
      await sh(sandbox, `rm -rf ${folder} ${folder}.*`);
    }
    expect(seen).toContain(CANARY);
  });

  it('writes into no folder that appears while it writes', async () => {
    await using sandbox = await open();
    const folder = `${sandbox.paths.workdir}/shifting`;
    const refused = new Set<unknown>();
    await whileExchanging(sandbox, folder, async (round) => {
      const writing = sandbox.writeFile(`${folder}/deeper/from-host-${round}`, 'x');
      await writing.catch((error: unknown) => refused.add(codeOf(error)));
      return true;
    });
    expect(existsSync(join(outside, 'deeper'))).toBe(false);
    expect([...refused].filter((code) => code !== 'SANDBOX_FILE_REFUSED')).toEqual([]);
  });

  it('collects nothing from elsewhere while the intake is exchanged', async () => {
    await using sandbox = await open();
    const { intake } = sandbox.paths;
    await sh(sandbox, `echo n >n; git add n; git commit -qm n; git push -q ${intake} HEAD`);
    const codes = new Set<unknown>();
    let rounds = 0;
    await whileExchanging(sandbox, `${intake}/objects`, async () => {
      const ref = 'refs/collected/shifting';
      await sandbox
        .collect({ repository: source.repository, ref })
        .catch((error: unknown) => codes.add(codeOf(error)));
      return ++rounds < 10;
    });
    expect([...codes].filter((code) => code !== 'COMMITS_INVALID')).toEqual([]);
  });

  it.each([
    ['folders deeper than a path may be long', 'for (1..2500) { mkdir "d"; chdir "d" or die }'],
    ['names that are no text', 'mkdir "\\xff"; open(F, ">", "\\xff/\\xfe\\n\\e[2J") or die'],
    ['many files', 'for (1..2000) { open(F, ">", "f$_") or die }'],
    [
      'pipes and sockets',
      'system("mkfifo p"); use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("s")) or die',
    ],
  ])('removes %s', async (_what, program) => {
    const sandbox = await open();
    const made = await sandbox.exec({ command: ['perl', '-e', program] }).result;
    if (made.reason !== 'not_started') expect(made).toMatchObject({ exitCode: 0 });
    await sandbox.terminate();
    expect(existsSync(join(root, 'sandboxes', sandbox.id))).toBe(false);
    expect(existsSync(join(root, 'sandboxes', `${sandbox.id}.json`))).toBe(false);
  });

  it('removes links and not what they lead to, also with folders that may not be entered', async () => {
    const sandbox = await open();
    const script = `ln -s ${outside} link; mkdir -p locked/deep; ln -s ${outside} locked/deep/link; chmod 0 locked/deep; chmod 0 locked
cd ${sandbox.paths.control}; ln -s ${outside}/secret secret; ln -s / root`;
    await sh(sandbox, script);
    await sandbox.terminate();
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe(CANARY);
    expect(existsSync(hostNameOf(sandbox, sandbox.paths.workdir))).toBe(false);
  });
});
