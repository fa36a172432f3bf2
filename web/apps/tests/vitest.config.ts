import { defineConfig } from 'vitest/config';

// One at a time: each test has a browser and a server of its own.
export default defineConfig({ test: { include: ['*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, fileParallelism: false } });
