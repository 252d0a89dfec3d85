/** What a player can ask for, whatever key it is bound to. */
export type Action = 'forward' | 'back' | 'left' | 'right' | 'jump' | 'sprint' | 'break' | 'place' | 'pause';

/** Physical keys (`KeyboardEvent.code`) and mouse buttons (`Mouse0`…) per action. */
export type Bindings = Readonly<Record<Action, readonly string[]>>;

export const DEFAULT_BINDINGS: Bindings = {
  forward: ['KeyW', 'ArrowUp'],
  back: ['KeyS', 'ArrowDown'],
  left: ['KeyA', 'ArrowLeft'],
  right: ['KeyD', 'ArrowRight'],
  jump: ['Space'],
  sprint: ['ShiftLeft', 'ControlLeft'],
  break: ['Mouse0'],
  place: ['Mouse2'],
  pause: ['Escape', 'KeyP'],
};

/** Turns key events into actions. Call `endTick` once after each simulation step. */
export interface InputMap {
  press(code: string): void;
  release(code: string): void;
  /** As when the window loses focus: key-up events will not come. */
  releaseAll(): void;
  isHeld(action: Action): boolean;
  /** Pressed since the last tick, even if it is up again already. */
  wasPressed(action: Action): boolean;
  endTick(): void;
}

export function createInputMap(bindings: Bindings = DEFAULT_BINDINGS): InputMap {
  const held = new Set<string>();
  const pressed = new Set<string>();
  return {
    press(code) {
      // A key that is held repeats its key-down event.
      if (!held.has(code)) pressed.add(code);
      held.add(code);
    },
    release: (code) => void held.delete(code),
    releaseAll: () => held.clear(),
    isHeld: (action) => bindings[action].some((code) => held.has(code)),
    wasPressed: (action) => bindings[action].some((code) => pressed.has(code)),
    endTick: () => pressed.clear(),
  };
}
