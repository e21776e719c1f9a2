import type { Reporter } from "@rigbook/core"
import { Effect } from "effect"

/** The reporters that render the registry and reports, loaded when they are needed. */
export const reporters: Effect.Effect<ReadonlyArray<Reporter>> = Effect.promise(async () => {
  const { csv, html, json, markdown } = await import("@rigbook/reporters")
  return [markdown, json, csv, html]
})
