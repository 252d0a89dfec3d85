import type { OutputMode } from '../view/run-view.ts';

/**
 * What of the log people see on stderr: everything when a program reads it, warnings on a terminal,
 * only errors where the live view already tells the rest.
 */
export function selectShownLevel(
  stderr: { readonly isTTY?: boolean },
  mode: OutputMode,
): 'debug' | 'warn' | 'error' {
  if (mode === 'live') return 'error';
  return stderr.isTTY === true ? 'warn' : 'debug';
}
