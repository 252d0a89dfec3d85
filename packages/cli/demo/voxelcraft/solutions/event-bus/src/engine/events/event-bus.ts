/** Stops a listener from being called; calling it again does nothing. */
export type Unsubscribe = () => void;

/** Delivers events to whoever listens, in the order they subscribed. `Events` maps names to payloads. */
export interface EventBus<Events extends object> {
  on<Name extends keyof Events>(name: Name, listener: (payload: Events[Name]) => void): Unsubscribe;
  /**
   * Calls every listener even if one throws, then throws what was thrown: the error itself, or an
   * AggregateError when there were several.
   */
  emit<Name extends keyof Events>(name: Name, payload: Events[Name]): void;
}

type Listener = (payload: never) => void;

export function createEventBus<Events extends object>(): EventBus<Events> {
  const listeners = new Map<keyof Events, Set<{ readonly call: Listener }>>();
  return {
    on(name, listener) {
      const entry = { call: listener };
      const group = listeners.get(name) ?? new Set();
      listeners.set(name, group.add(entry));
      return () => void group.delete(entry);
    },
    emit(name, payload) {
      const errors: unknown[] = [];
      // A copy: a listener may subscribe or leave while the event is delivered.
      for (const { call } of [...(listeners.get(name) ?? [])]) {
        try {
          (call as (value: typeof payload) => void)(payload);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1)
        throw new AggregateError(errors, `${errors.length} listeners of ${String(name)} failed`);
    },
  };
}
