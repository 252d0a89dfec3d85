/** Ends where its source breaks off, which `onBroken` hears; what goes wrong further on is not the source's fault. */
export async function* guardInput(
  source: AsyncIterable<Uint8Array>,
  onBroken: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = source[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        onBroken(error);
        return { done: true } as const;
      });
      if (next.done === true) {
        isOpen = false;
        return;
      }
      yield next.value;
    }
  } finally {
    if (isOpen) await iterator.return?.();
  }
}
