import { expect, test } from 'vitest';
import { ENGINE_NAME } from './index.ts';

test('the engine introduces itself', () => {
  expect(ENGINE_NAME).toBe('VoxelCraft');
});
