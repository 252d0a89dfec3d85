import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createStreamTerminal } from '../../src/engine.ts';

const [UP, TAB, ENTER, CTRL_C, CTRL_D] = ['\u001b[A', '\t', '\r', '\u0003', '\u0004'];

/** A terminal whose person presses keys when asked for a line. */
function createTerminal(isInteractive: boolean) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const terminal = createStreamTerminal({
    input,
    output,
    isInteractive,
    words: () => ['/help', '/history', '/quit'],
    earlierLines: () => ['older', 'newer'],
  });
  const answer = async (...keys: readonly string[]) => {
    const read = terminal.readLine('> ');
    for (const key of keys) input.write(key);
    return await read;
  };
  return { terminal, answer, shown: () => String(output.read() ?? '') };
}

it('completes words and brings back lines, those of earlier sessions too', async () => {
  const { terminal, answer, shown } = createTerminal(true);
  await using _ = terminal;
  expect(await answer('/hi', TAB, ENTER)).toEqual({ kind: 'line', text: '/history' });
  expect(await answer(UP, ENTER)).toEqual({ kind: 'line', text: '/history' });
  expect(await answer(UP, UP, ENTER)).toEqual({ kind: 'line', text: 'newer' });
  expect(shown()).toContain('> ');
});

it('tells an interruption from the end, and whom it interrupts', async () => {
  const { terminal, answer } = createTerminal(true);
  await using _ = terminal;
  let interruptions = 0;
  {
    using _listening = terminal.onInterrupt(() => (interruptions += 1));
    expect(await answer('half a line', CTRL_C)).toEqual({ kind: 'interrupted' });
  }
  expect(await answer(CTRL_C)).toEqual({ kind: 'interrupted' });
  expect(interruptions).toBe(1);
  expect(await answer(CTRL_D)).toEqual({ kind: 'end' });
  expect(await answer()).toEqual({ kind: 'end' });
});

it('shows nothing of its own when it is no terminal', async () => {
  const { terminal, answer, shown } = createTerminal(false);
  await using _ = terminal;
  expect(await answer('one\ntwo\n')).toEqual({ kind: 'line', text: 'one' });
  expect(await answer()).toEqual({ kind: 'line', text: 'two' });
  terminal.print('answer');
  expect(shown()).toBe('answer\n');
});
