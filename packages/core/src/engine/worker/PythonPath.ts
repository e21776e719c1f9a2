import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/**
 * The value of `PYTHONPATH` by which a worker imports `rigbook_worker`, the other side of `startWorker`. Pure, except that it looks where this package is.
 */
export const pythonPath = (): string => {
  // Found by name: sources and the built bundle are at different depths.
  const core = dirname(createRequire(import.meta.url).resolve("@rigbook/core/package.json"))
  return join(core, "python")
}
