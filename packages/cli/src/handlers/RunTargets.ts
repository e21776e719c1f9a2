import { configsIn, NoWorkspace } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { basename, relative } from "node:path"
import { usageFailure } from "../Failure.ts"
import { printAside } from "../output/Print.ts"
import { workspaceHere } from "../Plugins.ts"
import { addModel } from "./AddModel.ts"
import { addServer, isAddress } from "./AddServer.ts"
import { configNames, dueConfigs, withoutEnding } from "./OpenWorkspace.ts"

/**
 * The workspace and configs that a run is of. A name is a config's; else a model's file or folder, or a server's address, whose config is written
 * if none names it, and which needs no workspace before. All other names are checked first.
 */
export const runTargets = Effect.fn("RunTargets.runTargets")(function* (names: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const here = yield* workspaceHere
  const known = here === undefined ? [] : yield* configNames(here)
  const models = yield* Effect.filter(names, (name) =>
    known.includes(name) || /\.ya?ml$/.test(name)
      ? Effect.succeed(false)
      : isAddress(name)
        ? Effect.succeed(true)
        : fs.exists(name),
  )
  const others = names.filter((name) => !models.includes(name))
  if (here === undefined && names.length === 0) return yield* new NoWorkspace({ from: process.cwd() })
  if (here === undefined && others.length > 0)
    return yield* usageFailure(
      `There is no file or folder "${others[0]}", and no workspace with such a config. Create one with: rigbook init`,
    )
  const due = here === undefined || (names.length > 0 && others.length === 0) ? [] : yield* dueConfigs(here, others)
  const added = yield* Effect.forEach(models, (model) =>
    Effect.tap(isAddress(model) ? addServer(model) : addModel(model), ({ config, files, id, made }) =>
      Effect.sync(() => {
        const workspace = files.includes("rigbook.yaml") ? ", in a new workspace" : ""
        const path = relative(process.cwd(), config)
        printAside(
          made
            ? `Wrote ${path} for ${model}${workspace}.`
            : `${model} is the model of ${path}${withoutEnding(basename(path)) === id ? "" : `, ${id}`}.`,
        )
      }),
    ),
  )
  const workspace = here ?? added[0]!.workspace
  const addedConfigs = yield* Effect.forEach(added, ({ config, id }) =>
    Effect.map(configsIn(workspace, config), (all) => all.filter((one) => one.id === id)),
  )
  return { workspace, configs: [...due, ...addedConfigs.flat()] }
})
