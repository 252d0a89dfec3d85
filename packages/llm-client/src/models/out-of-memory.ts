/** What is known of a call that failed. */
export interface ServerFailure {
  /** Of the HTTP answer. */
  readonly body?: string;
  readonly exitSignal?: string;
  readonly exitCode?: number;
  /** Whether the server still runs after the failure. */
  readonly serverRunning?: boolean;
}

const SYMPTOMS = /out of memory|\bCUDA\b|failed to allocate|context length|KV cache/i;
/** A shell's way to say that signal 9 ended a process; the kernel sends it when memory is short. */
const KILLED_EXIT_CODE = 137;

/** Whether a model server failed because the prompt did not fit into its memory. */
export function isOutOfMemory(failure: ServerFailure): boolean {
  return (
    failure.serverRunning === false ||
    failure.exitSignal === 'SIGKILL' ||
    failure.exitCode === KILLED_EXIT_CODE ||
    SYMPTOMS.test(failure.body ?? '')
  );
}

const ROOM = 0.8;

/** A line for the notes of a model, which a person may add. */
export interface SuggestedNote {
  readonly model: string;
  readonly line: string;
}

/** Suggests a bound a fifth below the prompt that was too long. */
export function suggestNote(model: string, promptTokens: number): SuggestedNote {
  return { model, line: `max-context:${Math.floor(promptTokens * ROOM)}` };
}
