const MAX_TIMER_MS = 2 ** 31 - 1;

/** Waits also for longer than one timer can, which would then fire at once. Gives what stops it. */
export function startTimer(delayMs: number, onOver: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number) => {
    const nextMs = Math.min(leftMs, MAX_TIMER_MS);
    timer = setTimeout(() => (leftMs > nextMs ? wait(leftMs - nextMs) : onOver()), nextMs);
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}
