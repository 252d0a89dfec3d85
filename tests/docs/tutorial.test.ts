import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot, runTool } from '../../scripts/checks/run-tool.ts';
import { createPageProject, readPage } from './page-files.ts';

const STEP = /<!-- file: (\S+) -->\s*```\w*\n([\s\S]*?\n)```|```sh\n([\s\S]*?\n)```/g;

/** A page as a shell script: its commands, and its files written where they stand between them. */
function scriptOf(page: string): string {
  const command = `node --conditions=@agentswarm/source '${join(repositoryRoot, 'packages/cli/src/main.ts')}'`;
  const steps = [...page.matchAll(STEP)].map(([, name, text, commands]) =>
    name === undefined ? commands : `cat > ${name} <<'END_OF_FILE'\n${text ?? ''}END_OF_FILE\n`,
  );
  // What npm tells the scripts it runs is not what a person's shell has.
  const ownShell = 'unset INIT_CWD';
  return [`${ownShell}\nagentswarm() { ${command} "$@"; }\n`, ...steps].join('');
}

test('docs/engine/tutorial.md can be followed, command by command', async () => {
  using project = createPageProject(new Map());
  writeFileSync(join(project.root, 'follow.sh'), scriptOf(readPage('docs/engine/tutorial.md')));
  const { exitCode, stdout, output } = await runTool(['sh', '-e', 'follow.sh'], { cwd: project.root });
  expect(exitCode, output).toBe(0);
  expect(stdout).toContain('valid: 3 nodes');
  expect(stdout).toContain('It works.');
  expect(stdout).toContain('start → classify → answer → finish');
  expect(stdout).toContain('"tool_id": "read_file"');
});
