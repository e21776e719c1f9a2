import type { Reporter } from "@rigbook/core"
import { registryPage } from "./registry.ts"
import { reportPage } from "./report.ts"

/** Pages for people: models/REGISTRY.md, and reports of runs. */
export const markdown: Reporter = { id: "markdown", extension: "md", registry: registryPage, report: reportPage }
