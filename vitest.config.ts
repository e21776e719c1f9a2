import { availableParallelism, totalmem } from "node:os"
import { defineConfig } from "vitest/config"
import LongestFirst from "./tools/longest-first.ts"

/** With real engines, browsers and registries, or many processes. */
const REAL = "**/*.integration.test.ts"
/** What holds clocks or throughputs of a real engine against each other. */
const TIMED = "**/*.timing.test.ts"
/** Statistics held against thousands of simulated trials. */
const SIMULATED = "**/*.simulation.test.ts"

/** Only ends what hangs: a busy machine takes long, and the first test of an engine may have to install it. */
const HANGS_MS = 1_800_000

/** What the engines of one file may take: vLLM in two processes, each with its libraries. */
const ENGINES_BYTES = 3.5e9

/** Of what runs beside engines. */
const WORKERS = Math.max(1, Math.min(6, Math.floor(totalmem() / ENGINES_BYTES)))

const of = (pattern: string): ReadonlyArray<string> => [`packages/*/test/${pattern}`, `test/${pattern}`]

export default defineConfig({
  ssr: { resolve: { conditions: ["@rigbook/source", "module", "node", "development|production"] } },
  test: {
    reporters: ["default", "./tools/closing-line.ts"],
    coverage: { provider: "v8", include: ["packages/*/src/**"], reporter: ["text", "json-summary"] },
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [...of("**/*.test.ts")],
          exclude: [REAL, TIMED, SIMULATED],
          // Importing Effect takes longer than most files; what a file changes, it puts back.
          isolate: false,
          maxWorkers: 1 + availableParallelism(),
          // Fewer collections of garbage: they are a twentieth of the time.
          execArgv: ["--max-semi-space-size=64"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Much of the time is spent waiting: for processes to start, and for gigabytes of libraries to be read.
        extends: true,
        test: {
          name: "integration",
          include: [...of(REAL)],
          isolate: false,
          setupFiles: "./packages/cli/test/removeTemporaryFolders.ts",
          maxWorkers: WORKERS,
          globalSetup: "./tools/set-up-engines.ts",
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Beside the engines, which wait for the disk and each other.
        extends: true,
        test: {
          name: "simulation",
          include: [...of(SIMULATED)],
          isolate: false,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // Nothing else may take the processor from them.
        extends: true,
        test: {
          name: "timing",
          include: [...of(TIMED)],
          setupFiles: "./packages/cli/test/removeTemporaryFolders.ts",
          fileParallelism: false,
          globalSetup: "./tools/set-up-engines.ts",
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
