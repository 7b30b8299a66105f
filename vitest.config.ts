import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A process for each file: virtual time patches globals that threads share.
    pool: "forks",
    maxWorkers: 2,
    sequence: { shuffle: false },
    // Property tests search for minutes where unit tests take milliseconds.
    testTimeout: 120_000,
  },
});
