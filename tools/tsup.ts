import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { defineConfig, type Options } from "tsup"
import { notices } from "./notices.ts"

type Plugin = NonNullable<Options["esbuildPlugins"]>[number]

/** Turns `import { A, B } from "effect"` into one import a module, so that Node loads just those modules. */
const deepImports: Plugin = {
  name: "deep-imports",
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replace(
        /^import \{([^}]+)\} from "(effect(?:\/[a-z-]+)?|@effect\/platform-node)"/gm,
        (line, names: string, from: string) => {
          const parts = names
            .split(",")
            .map((name) => name.trim())
            .filter((name) => name !== "" && !name.startsWith("type "))
          if (!parts.every((name) => /^[A-Z]/.test(name))) return line // `pipe` and its like are no modules
          const imports = parts
            .map((name) => name.split(" as "))
            .map(([name, as = name]) => `import * as ${as} from "${from}/${name}"`)
          return imports.join(";") + "\n".repeat(line.split("\n").length - 1)
        },
      ),
    }))
  },
}

/** Leaves out the source maps of files that only have code of others: its sources are not in the package. */
const ownMaps: Plugin = {
  name: "own-maps",
  setup(build) {
    build.initialOptions.metafile = true
    build.onEnd((result) => {
      const foreign = Object.entries(result.metafile?.outputs ?? {}).flatMap(([path, { inputs }]) => {
        const from = Object.keys(inputs)
        return from.length > 0 && from.every((file) => file.includes("node_modules/")) ? [resolve(path)] : []
      })
      result.outputFiles = result.outputFiles?.filter(({ path }) => !foreign.some((file) => path === `${file}.map`))
    })
  },
}

/**
 * How every package is built. Declarations are tsc's: tsconfig.build.json. Packages that are `bundled` go into ours, so
 * that nobody installs them: such of which we use a small part, and which bring many others.
 */
export const options = (
  entry: ReadonlyArray<string> | Record<string, string>,
  bundled: ReadonlyArray<string> = [],
): Options => ({
  entry: Array.isArray(entry) ? [...(entry as ReadonlyArray<string>)] : { ...(entry as Record<string, string>) },
  format: "esm",
  target: "node22",
  platform: "node",
  dts: false,
  sourcemap: true,
  clean: true,
  silent: true,
  // The sources are in the package.
  esbuildOptions: (settings) => {
    settings.sourcesContent = false
  },
  noExternal: bundled.map((name) => new RegExp(`^${name}($|/)`)),
  esbuildPlugins: [deepImports, notices, ownMaps],
})

/** A library, with modules `beside` it that a manifest names. */
export const library = (...beside: ReadonlyArray<string>): ReturnType<typeof defineConfig> =>
  defineConfig(options(["src/index.ts", ...beside]))
