import { Effect } from "effect"
import { cpSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsup"
import { options } from "../../../../tools/tsup.ts"

/** Where packages are found from, jstat among them, and git reads nothing. */
const OUT = fileURLToPath(new URL("../../node_modules/.cache/bench-load", import.meta.url))

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Programs start as the command line does: with a nursery that does not grow, and compiled code that is kept. */
export const FLAGS = ["--import", file("start.mjs")]
export const CACHED = { ...process.env, NODE_COMPILE_CACHE: join(OUT, "compiled") } as Record<string, string>

/** A program of this folder as it is when it is published: types taken off by Node itself would cost 50 MB and half a second. */
export const bundled = (name: "Client" | "MillionRun") =>
  Effect.promise(async () => {
    const entry = { [name]: file(`${name}.ts`), StreamWorker: file("../../../core/src/engine/process/StreamWorker.ts") }
    const outDir = join(OUT, name)
    mkdirSync(OUT, { recursive: true })
    cpSync(file("../../../core/package.json"), join(OUT, "package.json")) // where the version is read from
    const settings = options(entry, ["@rigbook", "execa", "yaml"])
    await build({
      ...settings,
      config: false,
      sourcemap: false,
      skipNodeModulesBundle: true,
      outDir,
      // Our own packages as they are now, not as they were built last.
      esbuildOptions: (esbuild, context) => {
        settings.esbuildOptions?.(esbuild, context)
        esbuild.conditions = ["@rigbook/source"]
      },
    })
    return join(outDir, `${name}.js`)
  })
