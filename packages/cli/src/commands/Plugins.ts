import { Argument, Command, Flag } from "effect/cli"
import { SCAFFOLD_KINDS, SCAFFOLD_TASKS } from "../Choices.ts"
import type { Choose } from "./Choose.ts"
import { json } from "./Flags.ts"

/** Lists plugins, creates one, and checks one. */
export const pluginCommand = (choose: Choose) => {
  const pluginList = Command.make("list", { json }, (input) => choose({ command: "plugin list", ...input })).pipe(
    Command.withDescription(
      "List the plugins found here, and load each: where it comes from, what it provides, and whether it can be used",
    ),
  )

  const pluginNew = Command.make(
    "new",
    {
      name: Argument.String("name").pipe(
        Argument.withDescription("Name of the npm package, such as @me/rigbook-echo; its last part becomes the folder"),
      ),
      kind: Flag.Literals("kind", SCAFFOLD_KINDS).pipe(
        Flag.withDescription(
          "What it provides: a backend by the kind of its engine, a metric, a reporter, a launcher, a vendor of GPUs or scenarios",
        ),
        Flag.withDefault("backend" as const),
      ),
      task: Flag.Literals("task", SCAFFOLD_TASKS).pipe(
        Flag.withDescription("What a backend's engine does"),
        Flag.withDefault("generate" as const),
      ),
      json,
    },
    (input) => choose({ command: "plugin new", ...input }),
  ).pipe(
    Command.withDescription("Create a package that builds and passes its conformance suite right away"),
    Command.withExamples([
      { command: "rigbook plugin new rigbook-echo", description: "A backend, in ./rigbook-echo" },
      { command: "rigbook plugin new rigbook-sage --kind worker --task embed", description: "A library in Python" },
      { command: "rigbook plugin new @me/hiccup --kind metric", description: "A metric, in ./hiccup" },
    ]),
  )

  const pluginCheck = Command.make(
    "check",
    {
      plugin: Argument.String("plugin").pipe(
        Argument.withDescription("Folder of a plugin, or the name of an installed one"),
        Argument.withDefault("."),
      ),
      json,
    },
    (input) => choose({ command: "plugin check", ...input }),
  ).pipe(
    Command.withDescription(
      "Run the conformance suite on a built plugin and print its cases. The exit code is 1 if one fails.",
    ),
  )

  return Command.make("plugin").pipe(
    Command.withDescription("List plugins, create one, or run the conformance suite on one"),
    Command.withSubcommands([pluginList, pluginNew, pluginCheck]),
  )
}
