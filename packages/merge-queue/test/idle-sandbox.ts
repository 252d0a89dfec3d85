import type { ExecHandle, ExecResult, Sandbox, SandboxLabels } from '@agentswarm/core';

const unused = () => Promise.reject(new TypeError('this sandbox of a test does nothing of the kind'));

/** A sandbox in which nothing happens, for tests that script a part of it. */
export function idleSandbox(labels: SandboxLabels): Sandbox {
  return {
    id: 'idle',
    labels,
    paths: { workdir: '/w', control: '/c', intake: '/i' },
    exec: () => silentExec({ reason: 'exited', exitCode: 0, stdout: '', stderr: '', durationMs: 1 }),
    isBusy: () => Promise.resolve(false),
    readFile: unused,
    follow: async function* () {},
    writeFile: unused,
    upload: unused,
    download: unused,
    collect: () => Promise.resolve(undefined),
    renew: () => Promise.resolve(),
    detach: () => Promise.resolve(),
    terminate: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A command that has ended and whose output nobody reads as it comes. */
export function silentExec(result: ExecResult): ExecHandle {
  return {
    lines: (async function* () {})(),
    output: (async function* () {})(),
    result: Promise.resolve(result),
  };
}
