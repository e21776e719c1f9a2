import { PluginError } from "@rigbook/core"
import { Effect, Predicate } from "effect"
import { join } from "node:path"
import type { Plugin } from "./FindPlugins.ts"
import { importModule } from "./ImportModule.ts"
import { noteLoaded } from "./LoadedPlugins.ts"
import { movedName } from "./MovedNames.ts"
import { reasonOf } from "./PluginThrew.ts"

/** Imports what a manifest names, such as `./dist/index.js#myEngine`; `what` it should be is for errors. */
export const loadExport = Effect.fnUntraced(function* (plugin: Plugin, from: string, what: string) {
  const [file = "", name = "default"] = from.split("#")
  const fail = (detail: string, fix: string) => new PluginError({ plugin: plugin.name, detail, fix })
  noteLoaded(plugin)
  const module = yield* importModule(join(plugin.folder, file)).pipe(
    Effect.mapError((cause) => {
      const why = reasonOf(cause)
      const moved = movedName(why)
      if (moved !== undefined) return fail(`${file} can't be loaded: ${moved.detail}`, moved.fix)
      return fail(`${file} can't be loaded: ${why}.`, "If it is your own, build it; otherwise install it again.")
    }),
  )
  const value = Predicate.hasProperty(module, name) ? module[name] : undefined
  if (Predicate.isObjectOrArray(value)) return value
  const names = Object.keys(Object(module))
  return yield* fail(
    `${file} exports no ${what} named ${name}, only ${names.join(", ") || "nothing"}.`,
    "Correct the name in its manifest.",
  )
})
