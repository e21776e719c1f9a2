import { PluginError } from "@rigbook/core"
import type { ConfigFile, ConfigIssue } from "@rigbook/records"
import { Effect } from "effect"

/** `undefined` where the plugin of a config's backend threw an error: it is missing, and the others are planned. */
export const withoutBrokenPlugin = <A, E, R>(
  file: ConfigFile,
  id: string,
  missing: Array<ConfigIssue>,
  planned: Effect.Effect<A, E, R>,
): Effect.Effect<A | undefined, E, R> =>
  Effect.catchDefect(planned, (defect) => {
    if (!(defect instanceof PluginError)) return Effect.die(defect)
    missing.push(file.issue(["backends", id], defect.message))
    return Effect.succeed(undefined)
  })
