import { defineConfig } from "vitest/config";

// Pure logic only; what needs a browser runs in one (vitest.browser.config.ts).
export default defineConfig({ test: { include: ["src/**/*.test.ts"], environment: "node", env: { TZ: "UTC" } } });
