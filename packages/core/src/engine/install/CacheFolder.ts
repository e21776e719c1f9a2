import { createHash } from "node:crypto"
import { homedir } from "node:os"
import { join, resolve } from "node:path"

/** Where runtimes and models are kept between checkouts: `RIGBOOK_CACHE`, or `rigbook` in the user's cache folder. An empty variable counts as none. */
export const cacheFolder = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  resolve(env["RIGBOOK_CACHE"] || join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "rigbook"))

/** A short hash of what was requested: cache folders have it in their names, so another lock is another folder. */
export const lockHash = (...parts: ReadonlyArray<string>): string =>
  createHash("sha256").update(parts.join("\u0000")).digest("hex").slice(0, 16)
