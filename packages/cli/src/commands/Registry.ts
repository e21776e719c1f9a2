import { Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { flag, json, optional } from "./Flags.ts"

/** Brings in what others measured, checks records, and renders what they say together. */
export const registryCommands = (choose: Choose) => {
  const importFiles = Command.make(
    "import",
    {
      files: Argument.String("file").pipe(
        Argument.withDescription(
          "Result files of llama-bench, vllm bench serve, SGLang, GuideLLM, AIPerf, lm-eval or mteb",
        ),
        Argument.variadic({ min: 1 }),
      ),
      model: optional("model", "Name of the model, where the file does not state it"),
      json,
    },
    ({ model, ...input }) => choose({ command: "import", ...input, model: Option.getOrUndefined(model) }),
  ).pipe(
    Command.withDescription(
      "Import what other tools measured, marked as imported. Figures defined like Rigbook's get the same name, the others state the difference, and the original file is kept beside them.",
    ),
    Command.withShortDescription("Import results of other tools"),
  )

  const dataset = Command.make(
    "dataset",
    {
      loader: Argument.String("loader").pipe(
        Argument.withDescription("Id of a plugin's loader; lists them when none is named"),
        Argument.optional,
      ),
      part: Argument.String("part").pipe(
        Argument.withDescription("Which of its datasets, in the loader's own words"),
        Argument.optional,
      ),
      json,
    },
    ({ loader, part, ...input }) =>
      choose({
        command: "dataset",
        ...input,
        loader: Option.getOrUndefined(loader),
        part: Option.getOrUndefined(part),
      }),
  ).pipe(
    Command.withDescription(
      "Write a dataset that a plugin brings to benchmarks/configs/datasets, for scenarios of quality to name. A file that is there is never replaced by other text.",
    ),
    Command.withShortDescription("Write a dataset that a plugin brings"),
  )

  const verify = Command.make(
    "verify",
    {
      records: Argument.String("record").pipe(
        Argument.withDescription("Ids of records, or parts of them; by default all records and the registry"),
        Argument.variadic(),
      ),
      json,
    },
    (input) => choose({ command: "verify", ...input }),
  ).pipe(
    Command.withDescription(
      "Recompute every figure and verdict from the raw samples, and check the hashes of samples, prompts and models. Each difference is reported with file and line.",
    ),
    Command.withShortDescription("Recompute every figure from raw samples and compare"),
  )

  const derive = Command.make(
    "derive",
    {
      records: Argument.String("record").pipe(
        Argument.withDescription(
          "Ids of records, or parts of them, to derive again in any case; by default those derived with other metrics or older rules",
        ),
        Argument.variadic(),
      ),
      check: flag("check", "Write nothing; show what would change, and fail if a record would be derived again"),
      json,
    },
    (input) => choose({ command: "derive", ...input }),
  ).pipe(
    Command.withDescription(
      "Derive the values and verdicts of records from their samples again, with the current metrics and rules, and show what changed in each. A new metric gets figures from old runs, too. Reports and the registry are updated where they show a changed record. Values of plugins that are not installed are kept; a record is left unchanged if its samples are missing or have changed.",
    ),
    Command.withShortDescription("Update records from their samples, with the current metrics"),
    Command.withExamples([
      { command: "rigbook derive", description: "After an update, or with a new metric" },
      { command: "rigbook derive --check", description: "Show what would change" },
    ]),
  )

  const registry = Command.make(
    "registry",
    {
      check: flag("check", "Write nothing; fail and name the line where a file differs from the records"),
      release: flag(
        "release",
        "Keep in models/release.json what is shown now: from then on REGISTRY.md says what changed since",
      ),
      json,
    },
    (input) => choose({ command: "registry", ...input }),
  ).pipe(
    Command.withDescription(
      "Render models/REGISTRY.md with a page for each model, registry.json, registry.csv and registry.html from the records",
    ),
  )

  const serve = Command.make(
    "serve",
    {
      port: Flag.Int("port").pipe(
        Flag.withDescription("Port on 127.0.0.1; by default one that is free"),
        Flag.filter(
          (port) => port >= 0 && port <= 65_535,
          (port) => `Expected a port from 0 to 65535, got ${port}`,
        ),
        Flag.withDefault(0),
      ),
      json,
    },
    (input) => choose({ command: "serve", ...input }),
  ).pipe(
    Command.withDescription(
      "Show the registry's page on this machine, including the current run: figures appear as trials are measured, without reloading. It is read-only and listens on 127.0.0.1 only.",
    ),
    Command.withShortDescription("Show the registry's page, live during a run"),
    Command.withExamples([
      { command: "rigbook serve", description: "Print the address to open; Ctrl-C stops it" },
      { command: "rigbook serve --port 8020", description: "Always at the same address" },
    ]),
  )

  return [importFiles, dataset, verify, derive, registry, serve]
}
