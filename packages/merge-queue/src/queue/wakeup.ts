/** Lets a loop sleep until somebody has something for it. A wake-up that comes while it is awake is not lost. */
export class Wakeup {
  #pending = false;
  #sleeper = Promise.withResolvers<void>();

  wake(): void {
    this.#pending = true;
    this.#sleeper.resolve();
  }

  async sleep(): Promise<void> {
    if (!this.#pending) await this.#sleeper.promise;
    this.#pending = false;
    this.#sleeper = Promise.withResolvers();
  }
}
