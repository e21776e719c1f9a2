import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { CliOutput, Command } from "effect/cli"
import { createRequire } from "node:module"
import type { Action } from "./CarryOut.ts"
import type { Choose } from "./commands/Choose.ts"
import { compareCommand } from "./commands/Compare.ts"
import { hostCommand } from "./commands/Hosts.ts"
import { measureCommands } from "./commands/Measure.ts"
import { planCommands } from "./commands/Plan.ts"
import { pluginCommand } from "./commands/Plugins.ts"
import { recordCommands } from "./commands/Records.ts"
import { registryCommands } from "./commands/Registry.ts"
import { schemaCommand } from "./commands/Schema.ts"
import { sharingCommands } from "./commands/Sharing.ts"
import { workspaceCommands } from "./commands/Workspace.ts"
import { namesScript } from "./complete/Scripts.ts"
import { asStarted } from "./output/AsStarted.ts"

/** Exit code for an invalid command line or config. */
const USAGE = 2

const { version } = createRequire(import.meta.url)("../package.json") as { readonly version: string }

/** Reads the command line: an action to carry out, or an exit code after help, version or an error. */
export const parse = (args: ReadonlyArray<string>): Promise<Action | number> => {
  let chosen: Action | undefined
  const commands = rigbook((action) =>
    Effect.sync(() => {
      chosen = action
    }),
  )
  return Command.runWith(commands, { version })(args).pipe(
    Effect.map(() => chosen ?? 0),
    Effect.tap(() => Effect.sync(() => process.stdout.write(namesScript(args)))),
    // The library has printed the error and the help.
    Effect.catch((error) => Effect.succeed(error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : USAGE)),
    Effect.provide([NodeServices.layer, CliOutput.layerPresenter({ present })]),
    Effect.runPromise,
  )
}

/** Help has examples as the user can paste them. */
const present: CliOutput.Presenter["present"] = (event) => {
  if (event._tag === "Version" || event.helpDoc.examples === undefined) return CliOutput.defaultPresenter.present(event)
  const examples = event.helpDoc.examples.map((example) => ({ ...example, command: asStarted(example.command) }))
  return CliOutput.defaultPresenter.present({ ...event, helpDoc: { ...event.helpDoc, examples } })
}

/** The commands in the order of their help: those of a group are together. */
const rigbook = (choose: Choose) =>
  Command.make("rigbook").pipe(
    Command.withDescription(
      "Runs language and embedding models on your own machine and keeps the registry of what it measured.",
    ),
    Command.withExamples([
      { command: "rigbook doctor", description: "1. What can run here?" },
      { command: "rigbook setup", description: "2. Install the engines" },
      { command: "rigbook run", description: "3. Measure, and render models/REGISTRY.md" },
    ]),
    Command.withSubcommands([
      ...workspaceCommands(choose),
      ...planCommands(choose),
      ...measureCommands(choose),
      ...recordCommands(choose),
      compareCommand(choose),
      ...registryCommands(choose),
      ...sharingCommands(choose),
      hostCommand(choose),
      pluginCommand(choose),
      schemaCommand(choose),
    ]),
  )
