import { defineConfig } from "tsup"
import { options } from "../../tools/tsup.ts"

// An optional dependency is not left out of the bundle by itself, and koffi finds its library beside its own files.
export default defineConfig({ ...options(["src/index.ts"]), external: ["koffi"] })
