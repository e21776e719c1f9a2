import { fileURLToPath } from "node:url"

/** Path of a file in this package's `python` folder. Holds for `src` and for the built `dist/index.js` alike. */
export const pythonFile = (name: string): string => fileURLToPath(new URL(`../python/${name}`, import.meta.url))
