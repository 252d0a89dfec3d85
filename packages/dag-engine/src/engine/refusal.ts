import { EngineError } from './errors.ts';

/**
 * Says why a text, file or schema cannot be used, to the function that knows which one it is and turns it into an
 * error with a place.
 */
export class Refusal extends EngineError {
  constructor(problem: string) {
    super('MANIFEST_UNREADABLE', problem);
  }
}
