export interface FixedStepOptions {
  readonly stepSeconds: number;
  /** Most steps in one frame; time beyond is dropped, so a slow machine slows the game, not stops it. */
  readonly maxStepsPerFrame?: number;
}

export interface Frame {
  /** Simulation steps to take now. */
  readonly steps: number;
  /** How far between the last step and the next the moment to draw is, from 0 up to 1. */
  readonly blend: number;
}

/** Turns uneven frames into even simulation steps, and knows how to draw between them. */
export interface FixedStep {
  /** Time that went backwards counts as no time. */
  advance(elapsedSeconds: number): Frame;
}

export function createFixedStep({ stepSeconds, maxStepsPerFrame = 5 }: FixedStepOptions): FixedStep {
  if (!(stepSeconds > 0)) throw new RangeError(`a step of ${stepSeconds} s takes no time`);
  let pendingSeconds = 0;
  return {
    advance(elapsedSeconds) {
      pendingSeconds += Math.max(0, elapsedSeconds);
      // Frames rarely add up to a step exactly: without the tolerance a step would come a frame late.
      const due = Math.floor(pendingSeconds / stepSeconds + 1e-9);
      const steps = Math.min(due, maxStepsPerFrame);
      pendingSeconds = Math.max(0, pendingSeconds - due * stepSeconds);
      return { steps, blend: Math.min(1, pendingSeconds / stepSeconds) };
    },
  };
}
