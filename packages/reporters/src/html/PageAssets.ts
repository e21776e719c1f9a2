import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** A page's script and style, bundled from this package's `page` folder when the package is built. */
export interface PageAssets {
  readonly script: string
  readonly style: string
}

let assets: PageAssets | undefined

/** Reads the bundle once. Throws if the package was not built. */
export const pageAssets = (): PageAssets => {
  assets ??= {
    script: read("main.js"),
    style: read("main.css"),
  }
  return assets
}

/** Found by the package's name, since this file lies at another depth in `src` than in `dist`. */
const read = (name: string): string =>
  readFileSync(
    join(dirname(createRequire(import.meta.url).resolve("@rigbook/reporters/package.json")), "dist/page", name),
    "utf8",
  )
