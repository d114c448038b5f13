import { defineConfig } from "vitest/config";

// Journeys and pages in a real Chromium, one after the other.
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts", "test/real/**/*.test.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
