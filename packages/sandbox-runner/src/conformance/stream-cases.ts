import { Secret, type OutputChunk } from '@agentswarm/core';
import { expect } from 'vitest';
import { SandboxError } from '../errors.ts';
import type { SuiteCase } from './suite-case.ts';

const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

/** Streams in and out. */
export const streamCases: readonly SuiteCase[] = [
  {
    title: 'follows a file of the control folder from before it exists until it is told to end',
    run: async ({ open }) => {
      const sandbox = await open();
      const file = `${sandbox.paths.control}/frames`;
      const done = new AbortController();
      const following = textOf(sandbox.follow(file, { signal: done.signal }));
      const script = 'for n in 1 2 3; do echo "line $n" >>"$0"; sleep 0.1; done';
      await sandbox.exec({ command: ['sh', '-c', script, file] }).result;
      done.abort();
      expect(await following).toBe('line 1\nline 2\nline 3\n');
    },
  },
  {
    title: 'follows a file from where a reader stopped',
    run: async ({ open, backend }) => {
      const sandbox = await open();
      const file = `${sandbox.paths.control}/frames`;
      await sandbox.writeFile(file, 'seen before, new');
      await using other = await backend.attach(sandbox.id);
      const rest = other.follow(file, { fromByte: 13, signal: AbortSignal.abort() });
      expect(await textOf(rest)).toBe('new');
      const beyond = other.follow(file, { fromByte: 1_000, signal: AbortSignal.abort() });
      expect(await textOf(beyond)).toBe('');
    },
  },
  {
    title: 'ends what it follows with the sandbox, and follows no link or pipe',
    run: async ({ open }) => {
      const sandbox = await open();
      const { control } = sandbox.paths;
      const script = 'cd "$0"; ln -s /etc/passwd link; mkfifo pipe; mkdir folder';
      await sandbox.exec({ command: ['sh', '-c', script, control] }).result;
      for (const name of ['link', 'pipe', 'folder', '../x']) {
        const following = textOf(sandbox.follow(`${control}/${name}`, { signal: AbortSignal.abort() }));
        await expect(following, name).rejects.toMatchObject({ code: 'SANDBOX_FILE_REFUSED' });
      }
      const following = textOf(sandbox.follow(`${control}/never`, { signal: new AbortController().signal }));
      await sandbox.terminate();
      expect(await following).toBe('');
    },
  },
  {
    title: 'gives both output streams as they come',
    run: async ({ open }) => {
      const sandbox = await open();
      const script = 'echo out; echo err >&2; while [ ! -e go ]; do sleep 0.02; done; echo last';
      const exec = sandbox.exec({ command: sh(script), timeoutMs: 20_000 });
      const texts: Record<OutputChunk['stream'], string> = { stdout: '', stderr: '' };
      for await (const { stream, bytes } of exec.output) {
        texts[stream] += Buffer.from(bytes).toString('utf8');
        if (texts.stdout === 'out\n' && texts.stderr === 'err\n') {
          await sandbox.writeFile(`${sandbox.paths.workdir}/go`, '');
        }
      }
      expect(texts).toEqual({ stdout: 'out\nlast\n', stderr: 'err\n' });
      expect((await exec.result).exitCode).toBe(0);
    },
  },
  {
    title: 'ends a command as aborted whose input breaks off',
    run: async ({ open }) => {
      const sandbox = await open();
      async function* input() {
        yield Buffer.from('first\n');
        throw new SandboxError('SANDBOX_STREAM_LOST', 'the source of the input broke');
      }
      const result = await sandbox.exec({ command: ['sh', '-c', 'cat; sleep 60'], stdin: input() }).result;
      expect(result.reason).toBe('aborted');
    },
  },
  {
    title: 'lets go of input that a command does not read',
    run: async ({ open }) => {
      const sandbox = await open();
      let isOver = false;
      async function* input() {
        try {
          for (;;) yield Buffer.alloc(64 * 1024, 'x');
        } finally {
          isOver = true;
        }
      }
      const result = await sandbox.exec({ command: ['head', '-c', '3'], stdin: input() }).result;
      expect(result).toMatchObject({ reason: 'exited', exitCode: 0, stdout: 'xxx' });
      await expect.poll(() => isOver).toBe(true);
    },
  },
  {
    title: 'takes standard input as it comes',
    run: async ({ open }) => {
      const sandbox = await open();
      const answers: string[] = [];
      const asked = Promise.withResolvers<void>();
      const input = async function* () {
        yield Buffer.from('first\n');
        await asked.promise;
        yield Buffer.from('second\n');
      };
      const exec = sandbox.exec({
        command: sh('while read -r line; do echo "got $line"; done'),
        stdin: input(),
      });
      for await (const line of exec.lines) {
        answers.push(line);
        asked.resolve();
      }
      expect(answers).toEqual(['got first', 'got second']);
      expect((await exec.result).exitCode).toBe(0);
    },
  },
  {
    title: 'gives secrets by environment, and by nothing else',
    run: async ({ open }) => {
      const canary = 'canary-4420-secret';
      const sandbox = await open({ env: { BOTH: 'env' }, secrets: { SECRET: new Secret(canary) } });
      const script =
        'printf %s "$SECRET" | wc -c; cat /proc/*/cmdline 2>/dev/null | tr "\\0" " "; echo "$BOTH"';
      const result = await sandbox.exec({ command: sh(script) }).result;
      expect(result.stdout.trim()).toMatch(new RegExp(`^${canary.length}\\b`));
      expect(result.stdout).not.toContain(canary);
      expect(result.stdout).toContain('env\n');
    },
  },
];
