import type { Reporter } from "@rigbook/core"
import { registryIn } from "../parts.ts"
import { registryPages } from "./pages.ts"
import { registryPage } from "./registry.ts"
import { reportPage } from "./report.ts"

/** Pages for people: models/REGISTRY.md, a page for each model beside it, and reports of runs. */
export const markdown: Reporter = {
  id: "markdown",
  extension: "md",
  ...registryIn(registryPage),
  registryPages,
  report: reportPage,
}
