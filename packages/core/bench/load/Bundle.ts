import { Effect } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "tsup"
import { options } from "../../../../tools/tsup.ts"

/** Where packages are found from, and git looks at nothing. */
const OUT = fileURLToPath(new URL("../../node_modules/.cache/bench-load", import.meta.url))

/** Compiled code is kept from one start to the next, as the command line does. */
export const CACHED = { ...process.env, NODE_COMPILE_CACHE: join(OUT, "compiled") } as Record<string, string>

/** The client as it is when it is published: types taken off by Node itself would cost 50 MB and half a second. */
export const bundledClient = Effect.promise(async () => {
  const [Client, StreamWorker] = ["Client.ts", "../../src/process/StreamWorker.ts"].map((file) =>
    fileURLToPath(new URL(file, import.meta.url)),
  )
  await build({
    ...options({ Client: Client!, StreamWorker: StreamWorker! }),
    config: false,
    sourcemap: false,
    skipNodeModulesBundle: true,
    outDir: OUT,
  })
  return join(OUT, "Client.js")
})
