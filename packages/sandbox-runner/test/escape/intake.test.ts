import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { SandboxBackend } from '@agentswarm/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSourceRepository, type SourceRepository } from '../../src/conformance/source-repository.ts';
import { localBackend, temporaryFolder } from '../local-machine.ts';

// Without isolation, so that a planted program could really leave its canary on this machine.
let backend: SandboxBackend;
let source: SourceRepository;
let secret: SourceRepository;
const canary = join(temporaryFolder('canary'), 'executed');

beforeAll(async () => {
  backend = localBackend('none');
  source = await createSourceRepository();
  secret = await createSourceRepository({ 'secret.txt': 'top secret\n' });
});
afterAll(async () => {
  await backend[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
  await secret[Symbol.asyncDispose]();
});

const PUSH = 'echo n >n; git add n; git commit -qm n; git push -q "$intake" HEAD;';

async function collectAfter(script: string) {
  await using sandbox = await backend.create({
    labels: { run: 'run-hostile', purpose: 'attempt' },
    source: source.at(source.commit),
  });
  const env = { intake: sandbox.paths.intake, canary, secret: secret.repository, head: secret.commit };
  const planted = await sandbox.exec({ command: ['bash', '-ec', script], env }).result;
  expect(planted).toMatchObject({ reason: 'exited', exitCode: 0 });
  return await sandbox.collect({ repository: source.repository, ref: 'refs/collected/hostile' });
}

const HOOKS = [
  'pre-receive',
  'update',
  'post-receive',
  'post-update',
  'reference-transaction',
  'pre-auto-gc',
  'post-checkout',
  'fsmonitor-watchman',
];

describe('a hostile intake', () => {
  it('is to blame for objects that cannot be read', async (context) => {
    if (process.getuid?.() === 0) context.skip('the superuser may read everything');
    const collected = collectAfter(`${PUSH} chmod 000 "$intake"/objects/??/*`);
    await expect(collected).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
  });

  it('has none of its configuration or hooks executed', async () => {
    const head = await collectAfter(`${PUSH}
      printf '#!/bin/sh\\ntouch "%s"\\ncat\\n' "$canary" >"$intake/run"; chmod +x "$intake/run"
      mkdir -p "$intake/hooks"
      for hook in ${HOOKS.join(' ')}; do cp "$intake/run" "$intake/hooks/$hook"; done
      for key in uploadpack.packObjectsHook core.fsmonitor core.alternateRefsCommand core.sshCommand \\
        core.pager core.editor gpg.program diff.external; do git -C "$intake" config "$key" "$intake/run"; done
      git -C "$intake" config core.hooksPath "$intake/hooks"
      git -C "$intake" config include.path "$intake/run"`);
    expect(head).toMatch(/^[0-9a-f]{40}$/);
    expect(existsSync(canary)).toBe(false);
  });

  it('would have its hook executed by a plain fetch', async () => {
    await using sandbox = await backend.create({
      labels: { run: 'run-hostile', purpose: 'attempt' },
      source: source.at(source.commit),
    });
    const env = { intake: sandbox.paths.intake, canary: `${canary}-plain` };
    const script = `${PUSH}
      printf '#!/bin/sh\\ntouch "%s"\\nexec "$@"\\n' "$canary" >"$intake/run"; chmod +x "$intake/run"
      git -C "$intake" config core.alternateRefsCommand "$intake/run"
      git -C "$intake" config core.fsmonitor "$intake/run"
      git -C "$intake" -c core.bare=false --work-tree="$intake" status >/dev/null`;
    await sandbox.exec({ command: ['bash', '-ec', script], env }).result;
    expect(existsSync(`${canary}-plain`)).toBe(true);
  });

  it('cannot fetch commits of another repository through its alternates', async () => {
    const collecting = collectAfter(`
      echo "$secret/.git/objects" >>"$intake/objects/info/alternates"
      mkdir -p "$intake/refs/heads/worker"; echo "$head" >"$intake/refs/heads/worker/task.1"`);
    await expect(collecting).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    await expect(source.git('cat-file', '-e', secret.commit)).rejects.toMatchObject({ name: 'SandboxError' });
  });

  it.each([
    [
      'object',
      'rm -rf "$intake/objects/${head:0:2}"; mkdir "$intake/objects/${head:0:2}"; ln -s "$secret/.git/objects/${head:0:2}/${head:2}" "$intake/objects/${head:0:2}/${head:2}"',
    ],
    [
      'folder of objects',
      'rm -rf "$intake/objects/${head:0:2}"; ln -s "$secret/.git/objects/${head:0:2}" "$intake/objects/${head:0:2}"',
    ],
    ['object store', 'rm -rf "$intake/objects"; ln -s "$secret/.git/objects" "$intake/objects"'],
    [
      'pack folder',
      'rm -rf "$intake/objects/pack"; git -C "$secret" repack -qad; ln -s "$secret/.git/objects/pack" "$intake/objects/pack"',
    ],
  ])('cannot fetch commits through a linked %s', async (_what, link) => {
    const collecting = collectAfter(`${link}
      mkdir -p "$intake/refs/heads/worker"; echo "$head" >"$intake/refs/heads/worker/task.1"`);
    await expect(collecting).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
  });

  it.each([
    [
      'branch file',
      'rm -r "$intake/refs/heads/worker/task.1"; ln -s "$secret/.git/refs/heads/main" "$intake/refs/heads/worker/task.1"',
    ],
    ['folder of branches', 'rm -r "$intake/refs"; ln -s "$secret/.git/refs" "$intake/refs"'],
  ])('cannot name a commit through a linked %s', async (_what, link) => {
    await expect(collectAfter(`${PUSH} ${link}`)).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
  });

  it('cannot hold up the host with a pipe in the place of a file', async () => {
    const collecting = collectAfter(`${PUSH}
      file=$(find "$intake/objects" -type f -path '*/??/*' | head -1); rm -f "$file"; mkfifo "$file"`);
    await expect(collecting).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
  });

  it('cannot pass a damaged object or pack', async () => {
    const damaged = collectAfter(`${PUSH}
      file=$(find "$intake/objects" -type f -path '*/??/*' | head -1); chmod +w "$file"; echo garbage >"$file"`);
    await expect(damaged).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    const packed = collectAfter(`${PUSH} git -C "$intake" repack -qad
      file=$(ls "$intake"/objects/pack/*.pack); chmod +w "$file"; printf 'XXXX' | dd of="$file" bs=1 seek=40 conv=notrunc status=none`);
    await expect(packed).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
  });

  it('cannot have the host read an object of any size it likes', async () => {
    // A commit that begins and never ends, of five gigabytes by its own account.
    const size = [0x90, 0x80, 0x80, 0x80, 0x80 | 0x28, 0x01];
    const pack = Buffer.concat([
      Buffer.from('PACK\0\0\0\x02\0\0\0\x01', 'latin1'),
      Buffer.from(size),
      deflateSync(Buffer.alloc(100)),
      Buffer.alloc(20),
    ]);
    const packed = collectAfter(
      `${PUSH} mkdir -p "$intake/objects/pack"
       echo ${pack.toString('base64')} | base64 -d >"$intake/objects/pack/pack-${'0'.repeat(40)}.pack"`,
    );
    await expect(packed).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    await expect(packed).rejects.toThrow(/memory/);
  });

  it('cannot hand in a commit that is larger than any', async () => {
    const loose = collectAfter(
      `git -c core.compression=1 commit -q --allow-empty --cleanup=verbatim -F <(head -c 70000000 /dev/zero | tr '\\0' x)
       git push -q "$intake" HEAD
       object=$(git rev-parse HEAD); folder=$intake/objects/\${object:0:2}
       rm -rf "$intake"/objects/pack/*; mkdir -p "$folder"
       cp .git/objects/\${object:0:2}/\${object:2} "$folder/"`,
    );
    await expect(loose).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    await expect(loose).rejects.toThrow(/the commit [0-9a-f]{40} is 70000\d+ bytes large/);
  });

  it('leaves nothing of a refused import behind', async () => {
    await expect(
      collectAfter('mkdir -p "$intake/refs/heads/worker"; echo "$head" >"$intake/refs/heads/worker/task.1"'),
    ).rejects.toMatchObject({ code: 'COMMITS_INVALID' });
    expect(await source.git('for-each-ref', 'refs/agentswarm')).toBe('');
  });
});
