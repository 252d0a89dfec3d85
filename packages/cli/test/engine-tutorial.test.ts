import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCaptured } from './captured-cli.ts';

const TUTORIAL = fileURLToPath(new URL('../../../docs/engine/tutorial.md', import.meta.url));

/** As much of a shell as the tutorial needs: `cd`, `echo '…' > file`, the command itself, comments. */
class TutorialShell {
  directory: string;
  readonly outputs: string[] = [];

  constructor(directory: string) {
    this.directory = directory;
  }

  async run(line: string): Promise<void> {
    const words = [...line.matchAll(/'([^']*)'|(#.*)|([^\s']+)/g)].flatMap(([, quoted, comment, bare]) =>
      comment === undefined ? [quoted ?? bare ?? ''] : [],
    );
    const [program, ...argv] = words;
    if (program === 'cd') this.directory = join(this.directory, argv[0] ?? '');
    else if (program === 'echo') await writeFile(join(this.directory, argv[2] ?? ''), argv[0] ?? '');
    else {
      const { directory } = this;
      const result = await runCaptured(argv, {
        directory,
        env: { HOME: directory },
        openStdin: () => Readable.from(['Hello\n']),
      });
      expect({
        line,
        code: result.code,
        program,
        stderr: result.stderr.replace(/^\d answers? came.*\n/, ''),
      }).toEqual({
        line,
        code: 0,
        program: 'agentswarm',
        stderr: '',
      });
      this.outputs.push(result.stdout);
    }
  }
}

it('keeps what the tutorial promises', async () => {
  const root = await mkdtemp(join(tmpdir(), 'agentswarm-tutorial-'));
  try {
    const shell = new TutorialShell(root);
    const text = await readFile(TUTORIAL, 'utf8');
    for (const [, language = '', block = ''] of text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)) {
      if (language === 'yaml') await writeFile(join(shell.directory, 'config', 'workflow.yaml'), block);
      if (language === 'json') await writeFile(join(shell.directory, 'mock.json'), block);
      if (language !== 'sh') continue;
      for (const line of block.trimEnd().split('\n')) await shell.run(line);
    }
    const [, validated, first, decided, withTool = '', events] = shell.outputs;
    expect(validated).toContain('valid: 3 nodes');
    expect(first).toContain('It works.');
    expect(first).toContain('1 answer came from mock.json, not from a model');
    expect(decided).toContain('start → classify → answer → finish');
    expect(JSON.parse(withTool)).toMatchObject({
      output: { tool_calls: [{ tool_id: 'read_file', error: null }] },
    });
    expect(events).toContain('"name":"tool_completed"');
  } finally {
    await rm(root, { recursive: true });
  }
});
