import { systemClock } from '@agentswarm/core';
import type { CliContext } from '../context.ts';
import { createEventsView, createPlainView, createSilentView } from './line-views.ts';
import { selectPaint } from './paint.ts';
import type { OutputMode, RunView } from './run-view.ts';

/** The view of a mode. Only the live one loads the terminal library. */
export async function openView(context: CliContext, mode: OutputMode): Promise<RunView> {
  switch (mode) {
    case 'live': {
      const { createLiveView } = await import('./live-view.ts');
      const paint = selectPaint(context.stdout, context.env);
      return createLiveView({ output: context.stdout, paint, clock: systemClock });
    }
    case 'plain':
      return createPlainView(context);
    case 'events':
      return createEventsView(context);
    case 'json':
      return createSilentView(context);
  }
}
