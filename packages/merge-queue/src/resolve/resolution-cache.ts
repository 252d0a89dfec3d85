import type { Resolution } from './conflict-resolver.ts';

/** What `aside` resolvers answered: a resolution, or null for having declined. */
export interface ResolutionCache {
  /** Undefined when nobody answered yet. */
  get(key: string): Resolution | null | undefined;
  set(key: string, answer: Resolution | null): void;
}

const MAX_ANSWERS = 10_000;

/** Makes a memory of answers that forgets the oldest when it is full. */
export function createResolutionCache(): ResolutionCache {
  const answers = new Map<string, Resolution | null>();
  return {
    get: (key) => answers.get(key),
    set: (key, answer) => {
      answers.delete(key);
      answers.set(key, answer);
      for (const oldest of answers.keys()) {
        if (answers.size <= MAX_ANSWERS) break;
        answers.delete(oldest);
      }
    },
  };
}
