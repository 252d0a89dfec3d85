import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stripFence } from './strip-fence.ts';

const code = (text: string) => stripFence(text, { isMarkdown: false });
const markdown = (text: string) => stripFence(text, { isMarkdown: true });

it('takes off one fence around everything', () => {
  expect(code('```ts\nconst a = 1;\n```')).toBe('const a = 1;\n');
  expect(code('\n```\r\na\r\nb\r\n```\n\n  \n')).toBe('a\nb\n');
  expect(code('~~~python\nx\n~~~')).toBe('x\n');
  expect(code('```ts\n```')).toBe('');
});

it('leaves what is no fence around everything', () => {
  for (const text of ['a', '', '```ts\na', 'Here:\n```ts\na\n```', '```ts\na\n```\nDone.', '````\na\n```']) {
    expect(code(text)).toBe(text);
  }
});

it('takes off a fence around code that holds fences', () => {
  expect(code('```py\n"""\n```\nx\n```\n"""\n```')).toBe('"""\n```\nx\n```\n"""\n');
});

it('keeps the blocks a Markdown file begins and ends with', () => {
  const own = '```sh\nnpm install\n```\n\nThen\n\n```sh\nnpm test\n```\n';
  expect(markdown(own)).toBe(own);
  expect(markdown(`\`\`\`markdown\n${own}\`\`\``)).toBe(own);
  expect(markdown('```\n# Title\n```sh\nx\n```\n```')).toBe('# Title\n```sh\nx\n```\n');
});

it('gives any text back that was put between fences', () => {
  const line = fc.string().filter((text) => !/[`~\r\n]/.test(text));
  fc.assert(
    fc.property(fc.array(line), fc.boolean(), (lines, isMarkdown) => {
      const text = lines.map((each) => `${each}\n`).join('');
      expect(stripFence(`\`\`\`ts\n${text}\`\`\`\n`, { isMarkdown })).toBe(text);
    }),
  );
});

it('takes no time for a line of blanks that is almost a fence', () => {
  const line = `\`\`\`${' '.repeat(200_000)}\``;
  expect(stripFence(`${line}\nx\n${line}`, { isMarkdown: false })).toContain('x');
});
