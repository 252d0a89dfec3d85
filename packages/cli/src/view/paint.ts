import { styleText } from 'node:util';
import type { Output } from '../context.ts';

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Gives text a style, or returns it unchanged. */
export type Paint = (style: Style, text: string) => string;

export const plainPaint: Paint = (_style, text) => text;

/** Colours for a terminal that has them; none with NO_COLOR, none in a pipe. */
export function selectPaint(
  output: Pick<Output, 'isTTY'>,
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const noColor = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '';
  if (output.isTTY !== true || noColor || env['TERM'] === 'dumb') return plainPaint;
  return (style, text) => styleText(style, text, { validateStream: false });
}
