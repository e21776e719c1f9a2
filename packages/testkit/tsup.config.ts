import { defineConfig } from "tsup"
import { options } from "../../tools/tsup.ts"

/** The fake engine is a program beside the library. */
export default defineConfig(options(["src/index.ts", "src/engine.ts"]))
