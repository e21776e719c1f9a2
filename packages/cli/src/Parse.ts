import { NodeServices } from "@effect/platform-node"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { createRequire } from "node:module"
import { type Action, REPORT_FORMATS, SCHEMA_NAMES } from "./Action.ts"

/** Exit code of a command line that can't be understood, and of a config that is wrong. */
const USAGE = 2

const { version } = createRequire(import.meta.url)("../package.json") as { readonly version: string }

/** Reads the command line: an action to carry out, or an exit code when all is said (help, version, an error). */
export const parse = (args: ReadonlyArray<string>): Promise<Action | number> => {
  let chosen: Action | undefined
  const commands = rigbook((action) =>
    Effect.sync(() => {
      chosen = action
    }),
  )
  return Command.runWith(commands, { version })(args).pipe(
    Effect.map(() => chosen ?? 0),
    // The library has printed what was wrong, and the help.
    Effect.catch((error) => Effect.succeed(error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : USAGE)),
    Effect.provide(NodeServices.layer),
    Effect.runPromise,
  )
}

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const json = flag("json", "Print JSON on standard output, for machines")

const rigbook = (choose: (action: Action) => Effect.Effect<void>) => {
  const init = Command.make(
    "init",
    {
      folder: Argument.String("folder").pipe(
        Argument.withDescription("Folder of the new workspace"),
        Argument.withDefault("."),
      ),
      json,
    },
    (input) => choose({ command: "init", ...input }),
  ).pipe(
    Command.withDescription("Make a workspace: sample configs, prompt sets and a place for notes"),
    Command.withExamples([{ command: "rigbook init my-rig", description: "Make a workspace in ./my-rig" }]),
  )

  const doctor = Command.make("doctor", { json }, (input) => choose({ command: "doctor", ...input })).pipe(
    Command.withDescription("Show this host, its devices and engines: what can run here, and how to mend what can't"),
  )

  const setup = Command.make(
    "setup",
    {
      backends: Argument.String("backend").pipe(
        Argument.withDescription(
          "Backends to set up; those of the workspace's configs when none is named, outside of a workspace all",
        ),
        Argument.variadic(),
      ),
      json,
    },
    (input) => choose({ command: "setup", ...input }),
  ).pipe(
    Command.withDescription("Install the pinned engines that backends run, once for all workspaces of this machine"),
    Command.withExamples([
      { command: "rigbook setup", description: "Install the engines that the workspace's configs use" },
      { command: "rigbook setup llamacpp", description: "Install llama-server only" },
    ]),
  )

  const run = Command.make(
    "run",
    {
      configs: Argument.String("config").pipe(
        Argument.withDescription("Names or paths of models/configs/*.yaml; all of them when none is named"),
        Argument.variadic(),
      ),
      filter: Flag.String("filter").pipe(
        Flag.withDescription("Only cells whose name contains one of these words: short-chat,cpu"),
        Flag.optional,
      ),
      fresh: flag("fresh", "Measure again what has a record that holds"),
      setup: flag("setup", "Install engines that are missing first"),
      json,
    },
    ({ filter, ...input }) => choose({ command: "run", ...input, filter: Option.getOrUndefined(filter) }),
  ).pipe(
    Command.withDescription(
      "Measure models. Cells with a record that holds are skipped, a run that was cut goes on where it stopped, and a cell that fails is recorded while the others go on. The registry is rendered at the end.",
    ),
    Command.withShortDescription("Measure models; goes on where it stopped"),
    Command.withExamples([
      { command: "rigbook run", description: "Measure every config of the workspace" },
      { command: "rigbook run smollm2-135m-instruct", description: "Measure one model" },
      { command: "rigbook run --filter long-context --fresh", description: "Measure some cells once more" },
    ]),
  )

  const runs = Command.make("runs", { json }, (input) => choose({ command: "runs", ...input })).pipe(
    Command.withDescription("List the records, and the runs that were cut, with their verdicts"),
  )

  const show = Command.make(
    "show",
    { record: Argument.String("record").pipe(Argument.withDescription("A record's id, or any part of one")), json },
    (input) => choose({ command: "show", ...input }),
  ).pipe(
    Command.withDescription("Show one record: what was asked, in force and seen, every figure, and the verdict"),
    Command.withExamples([{ command: "rigbook show smollm2", description: "Show the latest record of SmolLM2" }]),
  )

  const report = Command.make(
    "report",
    {
      records: Argument.String("record").pipe(
        Argument.withDescription("Ids of records, or parts of them"),
        Argument.variadic({ min: 1 }),
      ),
      format: Flag.Literals("format", REPORT_FORMATS).pipe(
        Flag.withDescription("Kind of file"),
        Flag.withDefault("markdown" as const),
      ),
      json,
    },
    (input) => choose({ command: "report", ...input }),
  ).pipe(
    Command.withDescription("Write a report of records to benchmarks/results/reports"),
    Command.withExamples([
      { command: "rigbook report smollm2 minilm", description: "One report of two records" },
      { command: "rigbook report smollm2 --format csv", description: "Its figures, for a spreadsheet" },
    ]),
  )

  const registry = Command.make(
    "registry",
    {
      check: flag("check", "Write nothing; fail and name the line where a file is not what the records say"),
      json,
    },
    (input) => choose({ command: "registry", ...input }),
  ).pipe(
    Command.withDescription(
      "Render models/REGISTRY.md, registry.json, registry.csv and registry.html from the records",
    ),
  )

  const schema = Command.make(
    "schema",
    {
      file: Argument.Literals("file", SCHEMA_NAMES).pipe(
        Argument.withDescription("Kind of file; lists them when none is named"),
        Argument.optional,
      ),
    },
    ({ file }) => choose({ command: "schema", file: Option.getOrUndefined(file) }),
  ).pipe(
    Command.withDescription("Print the JSON Schema of a file, for editors and other programs"),
    Command.withExamples([
      { command: "rigbook schema model-config", description: "What models/configs/*.yaml may hold" },
    ]),
  )

  return Command.make("rigbook").pipe(
    Command.withDescription(
      "Runs language and embedding models on your own machine and keeps the registry of what it measured.",
    ),
    Command.withExamples([
      { command: "rigbook doctor", description: "1. What can run here?" },
      { command: "rigbook setup", description: "2. Install the engines" },
      { command: "rigbook run", description: "3. Measure, and render models/REGISTRY.md" },
    ]),
    Command.withSubcommands([init, doctor, setup, run, runs, show, report, registry, schema]),
  )
}
