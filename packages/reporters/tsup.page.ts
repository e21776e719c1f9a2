import { join } from "node:path"
import { defineConfig } from "tsup"

/** What runs in the reader's browser: one classic script and one style sheet, which the page carries inside. */
export default defineConfig({
  entry: ["page/main.ts"],
  outDir: "dist/page",
  format: "iife",
  platform: "browser",
  target: "es2023",
  noExternal: [/./],
  minify: true,
  silent: true,
  outExtension: () => ({ js: ".js" }),
  banner: {
    js: "/*! With uPlot, copyright Leon Sorokin, MIT licence: https://github.com/leeoniya/uPlot, and jStat, copyright jStat's authors, MIT licence: https://github.com/jstat/jstat */",
  },
  esbuildPlugins: [
    {
      // Statistics that the command line loads when it needs them; the page brings them along.
      name: "distributions",
      setup: (build) => {
        build.onResolve({ filter: /\/Distributions\.ts$/ }, () => ({
          path: join(import.meta.dirname, "page/statistics/Distributions.ts"),
        }))
      },
    },
  ],
})
