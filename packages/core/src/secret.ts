const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** A value that prints, serializes and inspects as `***`; only {@link Secret.reveal} gives it out. */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Contract: the caller never puts it into argv, logs, events, prompts or commits. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [INSPECT](): string {
    return '***';
  }
}

/**
 * Makes a function that replaces every occurrence of the given secrets by `***`.
 * Secrets shorter than 6 characters are ignored: they would redact ordinary text.
 */
export function createRedactor(secrets: Iterable<Secret>): (text: string) => string {
  const forms = [...secrets]
    .map((secret) => secret.reveal())
    .filter((value) => value.length >= 6)
    .flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length);
  const values = [...new Set(forms)];
  return (text) => values.reduce((redacted, value) => redacted.replaceAll(value, '***'), text);
}
