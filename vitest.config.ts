import { defineConfig } from "vitest/config"

const INTEGRATION = "**/*.integration.test.ts"

export default defineConfig({
  ssr: { resolve: { conditions: ["@rigbook/source", "module", "node", "development|production"] } },
  test: {
    reporters: ["default", "./tools/closing-line.ts"],
    coverage: { provider: "v8", include: ["packages/*/src/**"], reporter: ["text", "json-summary"] },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
          exclude: [INTEGRATION],
          // A busy machine may take that long; a test that hangs is still found out.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Real engines, one file after the other: they would take the processor from each other.
        extends: true,
        test: {
          name: "integration",
          include: [`packages/*/test/${INTEGRATION}`, `test/${INTEGRATION}`],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
