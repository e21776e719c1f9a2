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
  banner: { js: "/*! With uPlot, copyright Leon Sorokin, MIT licence: https://github.com/leeoniya/uPlot */" },
})
