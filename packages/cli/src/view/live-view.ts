import { stripVTControlCharacters } from 'node:util';
import { INITIAL_RUN_STATE, type Clock, type RunState } from '@agentswarm/core';
import { createLogUpdate } from 'log-update';
import type { Output } from '../context.ts';
import { renderFrame } from './live-frame.ts';
import type { Paint } from './paint.ts';
import type { RunView } from './run-view.ts';
import { widthOf } from './terminal-text.ts';

/** At most four frames a second. */
const FRAME_INTERVAL_MS = 250;

export interface LiveViewOptions {
  readonly output: Output;
  readonly paint: Paint;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** A view that redraws itself in place. Hides the cursor until closed. */
export function createLiveView({ output, paint, clock }: LiveViewOptions): RunView {
  const draw = createLogUpdate(output);
  let state: RunState = INITIAL_RUN_STATE;
  let drawn: readonly string[] = [];
  let closed = false;
  const redraw = () => {
    const { columns = 80, rows = 24 } = output;
    drawn = renderFrame(state, { nowMs: clock.nowMs(), columns, rows, paint });
    draw(drawn.join('\n'));
  };
  const onResize = () => {
    output.write(eraseReflowed(drawn, output.columns ?? 80));
    draw.done();
    redraw();
  };
  const timer = setInterval(redraw, FRAME_INTERVAL_MS);
  output.on('resize', onResize);
  redraw();
  return {
    show(_record, next) {
      state = next;
    },
    note(text) {
      if (closed) output.write(`${text}\n`);
      else draw.persist(text);
    },
    close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      output.off('resize', onResize);
      draw.clear();
      draw.done();
    },
  };
}

/** Erases a frame that the terminal has wrapped anew: a narrower one needs more rows for the same lines. */
function eraseReflowed(lines: readonly string[], columns: number): string {
  const rowsOf = (line: string) => Math.max(1, Math.ceil(widthOf(stripVTControlCharacters(line)) / columns));
  const rows = lines.reduce((sum, line) => sum + rowsOf(line), 0);
  return `\u001b[${rows}A\r\u001b[J`;
}
