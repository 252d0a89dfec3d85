import { expect, it } from 'vitest';
import { execFileSync } from 'node:child_process';
import { resolveLimits } from '../src/limits/default-limits.ts';
import { withLimits } from '../src/limits/limited-process.ts';

const limits = resolveLimits({ fileMb: 2, cpuSeconds: 3 }, {}, { memoryMb: 1_000, cores: 4 });

function run(command: readonly [string, ...string[]]) {
  const request = {
    file: command[0],
    args: command.slice(1),
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', A: 'b c' },
  };
  const { file, args, env, cwd } = withLimits(request, { limits, cores: undefined });
  return execFileSync(file, args, { env, cwd, encoding: 'utf8', stdio: 'pipe' });
}

it('starts the program with its arguments and environment as they are', () => {
  expect(run(['printf', '%s|', '$A', "it's", '', 'a\nb'])).toBe("$A|it's||a\nb|");
  expect(run(['sh', '-c', 'echo "$A"'])).toBe('b c\n');
});

it('bounds core files, file size and processor time', () => {
  expect(run(['sh', '-c', 'ulimit -c; ulimit -f; ulimit -t'])).toBe('0\n4096\n8\n');
});

it('lets a write beyond the size fail, and not the program', () => {
  const script = 'f=$(mktemp); head -c 3000000 /dev/zero >"$f" 2>/dev/null || wc -c <"$f"; rm "$f"';
  expect(run(['sh', '-c', script]).trim()).toBe(String(2 * 1024 * 1024));
});
