/** Makes a function that does what it is given in the order it is given, each after the one before has ended, however. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    // Who asked hears of the failure; what comes next is done nevertheless.
    last = next.catch((error: unknown) => error);
    return next;
  };
}
