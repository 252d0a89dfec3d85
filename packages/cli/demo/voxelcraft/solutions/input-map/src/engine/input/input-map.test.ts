import { describe, expect, test } from 'vitest';
import { DEFAULT_BINDINGS, createInputMap } from './input-map.ts';

describe('input map', () => {
  test('an action is held as long as one of its keys is', () => {
    const input = createInputMap();
    input.press('KeyW');
    input.press('ArrowUp');
    input.release('KeyW');
    expect(input.isHeld('forward')).toBe(true);
    input.release('ArrowUp');
    expect(input.isHeld('forward')).toBe(false);
  });

  test('a press counts for one tick, however long the key is held', () => {
    const input = createInputMap();
    input.press('Space');
    expect(input.wasPressed('jump')).toBe(true);
    input.endTick();
    input.press('Space');
    expect(input.wasPressed('jump')).toBe(false);
    expect(input.isHeld('jump')).toBe(true);
  });

  test('a tap shorter than a tick is not lost', () => {
    const input = createInputMap();
    input.press('Mouse0');
    input.release('Mouse0');
    expect(input.wasPressed('break')).toBe(true);
    expect(input.isHeld('break')).toBe(false);
  });

  test('losing focus releases every key', () => {
    const input = createInputMap();
    input.press('KeyA');
    input.press('ShiftLeft');
    input.releaseAll();
    expect(input.isHeld('left') || input.isHeld('sprint')).toBe(false);
  });

  test('keys can be bound anew', () => {
    const input = createInputMap({ ...DEFAULT_BINDINGS, jump: ['KeyJ'] });
    input.press('Space');
    expect(input.isHeld('jump')).toBe(false);
    input.press('KeyJ');
    expect(input.isHeld('jump')).toBe(true);
  });

  test('no key does two things', () => {
    const codes = Object.values(DEFAULT_BINDINGS).flat();
    expect(new Set(codes).size).toBe(codes.length);
  });
});
