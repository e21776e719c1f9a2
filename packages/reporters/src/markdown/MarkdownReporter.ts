import type { Reporter } from "@rigbook/core"
import { registryIn } from "../parts.ts"
import { registryPage } from "./registry.ts"
import { reportPage } from "./report.ts"

/** Pages for people: models/REGISTRY.md, and reports of runs. */
export const markdown: Reporter = {
  id: "markdown",
  extension: "md",
  ...registryIn(registryPage),
  report: reportPage,
}
