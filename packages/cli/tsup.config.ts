import { cpSync, mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { defineConfig, type Options } from "tsup"
import { options } from "../../tools/tsup.ts"

type Plugin = NonNullable<Options["esbuildPlugins"]>[number]

// Effect's part for Node asks for a client of Redis, what writes tables and bars brings ten packages, execa seventeen.
const base = options(
  [],
  ["@effect/platform-node", "@effect/platform-node-shared", "cli-progress", "cli-table3", "execa"],
)

/** What carries commands out is built on its own, on the effect that plugins share. */
const carryOutApart: Plugin = {
  name: "carry-out-apart",
  setup(build) {
    build.onResolve({ filter: /^\.\/CarryOut\.ts$/ }, () => ({ path: "./CarryOut.js", external: true }))
  },
}

/** A new workspace is made of this repository's own files, and of configs that are measured in minutes. */
const SAMPLES = {
  "rigbook.yaml": "rigbook.yaml",
  "benchmarks/configs/prompts": "benchmarks/configs/prompts",
  "benchmarks/configs/hosts": "benchmarks/configs/hosts",
  "models/notes/README.md": "models/notes/README.md",
  "models/rating.yaml": "models/rating.yaml",
  "models/configs": "packages/cli/samples",
}

/** Machines that anybody can plan for. */
const copyHosts = (): void => {
  rmSync("hosts", { recursive: true, force: true })
  cpSync("../../benchmarks/configs/hosts", "hosts", { recursive: true })
}

const copySamples = async (): Promise<void> => {
  copyHosts()
  rmSync("template", { recursive: true, force: true })
  for (const [path, sample] of Object.entries(SAMPLES)) {
    mkdirSync(join("template", path, ".."), { recursive: true })
    cpSync(join("../..", sample), join("template", path), { recursive: true })
  }
}

/** Bundled CommonJS asks for Node's modules by require. */
const banner = {
  js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
}

export default defineConfig([
  { ...base, banner, entry: ["src/CarryOut.ts"], onSuccess: copySamples },
  // Parsing is bundled whole: 0.1 s from the prompt to the help, instead of 0.25 s.
  {
    ...base,
    entry: ["src/bin.ts"],
    clean: false,
    minify: true,
    sourcemap: false,
    noExternal: [/^effect/, ...(base.noExternal ?? [])],
    esbuildPlugins: [...(base.esbuildPlugins ?? []), carryOutApart],
    banner,
  },
])
