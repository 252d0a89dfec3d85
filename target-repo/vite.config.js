import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: './',
  // Nothing is written below node_modules, so it may be a read-only layer several checkouts share.
  cacheDir: '.cache/vite',
  build: { target: 'es2022', reportCompressedSize: false },
  test: {
    include: ['src/**/*.test.ts'],
    environment: 'node',
    pool: 'threads',
    maxWorkers: 1,
    isolate: false,
  },
});
