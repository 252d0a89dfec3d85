import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const INDEX = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** The modules of Pi that a program loads. */
function piModulesOf(program: string): string[] {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    const worker = await import(process.argv[1]);
    ${program}
    console.log(JSON.stringify(loaded.filter((url) => url.includes('pi-coding-agent'))));`;
  const args = ['--conditions=@agentswarm/source', '--input-type=module', '-e', script, INDEX];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as string[];
}

test('importing the package and creating the driver load nothing of Pi, running it does', () => {
  expect(piModulesOf("worker.createPiDriver({ stateDir: '/nowhere' });")).toEqual([]);
  const running = "await worker.createPiDriver({ stateDir: '/nowhere' }).run({}).catch(() => {});";
  expect(piModulesOf(running)).not.toEqual([]);
});
