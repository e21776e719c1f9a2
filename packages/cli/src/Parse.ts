import { NodeServices } from "@effect/platform-node"
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { createRequire } from "node:module"
import { SCAFFOLD_KINDS, SCHEMA_NAMES } from "./Choices.ts"
import type { Action } from "./CarryOut.ts"

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
    // The library has printed the error and the help.
    Effect.catch((error) => Effect.succeed(error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : USAGE)),
    Effect.provide(NodeServices.layer),
    Effect.runPromise,
  )
}

const flag = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withDefault(false))

const optional = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional)

const number = (name: string, description: string) =>
  Flag.Finite(name).pipe(Flag.withDescription(description), Flag.optional)

const tokens = (name: string, description: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(description),
    Flag.filter(
      (value) => value >= 1,
      (value) => `Expected one or more, got ${value}`,
    ),
    Flag.optional,
  )

const json = flag("json", "Print JSON on standard output, for programs")

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
    Command.withDescription("Create a workspace: sample configs, prompt sets and a folder for notes"),
    Command.withExamples([{ command: "rigbook init my-rig", description: "Create a workspace in ./my-rig" }]),
  )

  const add = Command.make(
    "add",
    {
      model: Argument.String("model").pipe(
        Argument.withDescription("A GGUF file, a folder of safetensors, or the address of a running server"),
      ),
      name: optional("name", "Name of the config; by default the model's"),
      served: optional("model", "Name of the model at a server; by default the first that it lists"),
      json,
    },
    ({ name, served, ...input }) =>
      choose({
        command: "add",
        ...input,
        name: Option.getOrUndefined(name),
        served: Option.getOrUndefined(served),
      }),
  ).pipe(
    Command.withDescription(
      "Write the config of a model that is on this machine: its files and their hash, its task, the installed backends that it fits in, and the standard scenarios. Makes a workspace in the current folder if there is none. For a running server (Ollama, LM Studio, llama.cpp, SGLang, TGI, TEI, vLLM or another with an OpenAI-compatible API) it writes the config of one of its models. An existing config is never replaced.",
    ),
    Command.withShortDescription("Write the config of a model's file or folder, or of a server's model"),
    Command.withExamples([
      { command: "rigbook add model.Q4_K_M.gguf", description: "Write models/configs/model.q4_k_m.yaml" },
      { command: "rigbook add http://127.0.0.1:11434", description: "The first model that Ollama lists" },
    ]),
  )

  const doctor = Command.make("doctor", { json }, (input) => choose({ command: "doctor", ...input })).pipe(
    Command.withDescription("Show this host, its devices and engines: what can run here, and how to fix what can't"),
  )

  const setup = Command.make(
    "setup",
    {
      backends: Argument.String("backend").pipe(
        Argument.withDescription(
          "Backends to set up; by default those that the workspace's configs use, or all of them outside a workspace",
        ),
        Argument.variadic(),
      ),
      build: optional(
        "build",
        "Which build of the named engine: for llamacpp cuda, vulkan, rocm or cpu. It runs from then on, on this machine",
      ),
      json,
    },
    ({ build, ...input }) => choose({ command: "setup", ...input, build: Option.getOrUndefined(build) }),
  ).pipe(
    Command.withDescription("Install the pinned engines, once for all workspaces on this machine"),
    Command.withExamples([
      { command: "rigbook setup", description: "Install the engines that the workspace's configs use" },
      { command: "rigbook setup llamacpp", description: "Install llama-server only" },
      { command: "rigbook setup llamacpp --build cuda", description: "Compile one for the NVIDIA GPUs that are here" },
    ]),
  )

  const inspect = Command.make(
    "inspect",
    {
      model: Argument.String("model").pipe(
        Argument.withDescription("A GGUF file, a folder of safetensors, or the name or path of a config"),
      ),
      json,
    },
    (input) => choose({ command: "inspect", ...input }),
  ).pipe(
    Command.withDescription(
      "Show what a model is, from its headers: architecture, parameters, bits per weight, layers, tensor types, KV cache, and the memory it needs at several context lengths",
    ),
    Command.withShortDescription("Show what a model is and how much memory it needs"),
    Command.withExamples([
      { command: "rigbook inspect model.Q4_K_M.gguf", description: "A file" },
      { command: "rigbook inspect smollm2-135m-instruct", description: "The model of a config" },
    ]),
  )

  const plan = Command.make(
    "plan",
    {
      configs: Argument.String("config").pipe(
        Argument.withDescription(
          "Configs, by name or path, by default all; or models without one: a GGUF file, a folder, owner/name or owner/name/file.gguf on Hugging Face",
        ),
        Argument.variadic(),
      ),
      host: Flag.String("host").pipe(
        Flag.withDescription(
          "Name of a common machine, such as rtx-4090, or name or path of a description like those in benchmarks/configs/hosts; by default this machine",
        ),
        Flag.optional,
      ),
      on: optional(
        "on",
        "A host that was added, by its name: plans with what it reports now, and what must be copied there",
      ),
      context: Flag.Int("context").pipe(
        Flag.withDescription("Tokens of context to plan models for; by default their engine's"),
        Flag.filter(
          (tokens) => tokens >= 1,
          (tokens) => `Expected one token or more, got ${tokens}`,
        ),
        Flag.optional,
      ),
      json,
    },
    ({ context, host, on, ...input }) =>
      choose({
        command: "plan",
        ...input,
        host: Option.getOrUndefined(host),
        on: Option.getOrUndefined(on),
        context: Option.getOrUndefined(context),
      }),
  ).pipe(
    Command.withDescription(
      "Show what would run and where: memory per device, the chosen placement and those refused, the longest context that fits. Reads only headers and needs no engine. A model that no config names needs no workspace: the first line says whether it fits, and how fast it is expected to be. Of configs, refuses what `rigbook run` would refuse, with the same message and exit code.",
    ),
    Command.withShortDescription("Show what would run, where, and whether it fits"),
    Command.withExamples([
      { command: "rigbook plan", description: "Every config, on this machine" },
      { command: "rigbook plan model.Q4_K_M.gguf --host dual-rtx-5090", description: "Does it fit on that machine?" },
      { command: "rigbook plan --host my-server", description: "Every config, on a machine that a file describes" },
    ]),
  )

  const run = Command.make(
    "run",
    {
      configs: Argument.String("config").pipe(
        Argument.withDescription(
          "Names or paths of models/configs/*.yaml, by default all except those that are only planned; or a model's file or folder, whose config is written first, as rigbook add does",
        ),
        Argument.variadic(),
      ),
      filter: Flag.String("filter").pipe(
        Flag.withDescription("Only cells whose name contains one of these words: short-chat,cpu"),
        Flag.optional,
      ),
      fresh: flag("fresh", "Measure again instead of reusing current records"),
      keepGoing: flag("keep-going", "Leave out invalid configs and measure the others"),
      rounds: Flag.Int("rounds").pipe(
        Flag.withDescription(
          "Measure all cells this many times in turns (A B A B instead of A A B B), so that drift affects all of them alike",
        ),
        Flag.filter(
          (rounds) => rounds >= 1,
          (rounds) => `Expected at least 1 round, got ${rounds}`,
        ),
        Flag.withDefault(1),
      ),
      on: optional("on", "Host to run on, by its name; before the hosts that configs name. `local` is this machine"),
      setup: flag("setup", "Install missing engines first"),
      events: flag("events", "Print what happens, while it happens, as NDJSON on standard output, for scripts"),
      json,
    },
    ({ filter, on, ...input }) =>
      choose({ command: "run", ...input, filter: Option.getOrUndefined(filter), on: Option.getOrUndefined(on) }),
  ).pipe(
    Command.withDescription(
      "Measure models. Cells with a current record reuse it, an interrupted run resumes where it stopped, and a cell that fails, or whose server is down, is recorded as failed while the others continue. An invalid config ends the run before anything is measured, unless --keep-going is given. The registry is rendered at the end.",
    ),
    Command.withShortDescription("Measure models; resumes where it stopped"),
    Command.withExamples([
      { command: "rigbook run", description: "Measure every config of the workspace" },
      { command: "rigbook run smollm2-135m-instruct", description: "Measure one model" },
      { command: "rigbook run model.Q4_K_M.gguf", description: "Measure a file, without a config or a workspace" },
      { command: "rigbook run --keep-going", description: "Measure all configs except invalid ones" },
      { command: "rigbook run --filter long-context --fresh", description: "Measure some cells again" },
      {
        command: "rigbook run model-q4 model-q8 --rounds 5",
        description: "Measure two models in turns, to compare them",
      },
      { command: "rigbook run --on my-server", description: "Measure on another machine; the records come here" },
      { command: "rigbook run --events | jq -r .kind", description: "Follow a run from a script" },
    ]),
  )

  const tune = Command.make(
    "tune",
    {
      model: Argument.String("model").pipe(
        Argument.withDescription("A family's name, the name or path of a config, or a GGUF file"),
      ),
      decode: number("decode", "At least so many tokens/s for one request"),
      ttft: number("ttft", "At most so many milliseconds to the first token"),
      kld: number("kld", "At most so much loss: KL divergence from the file with most bits, in nats"),
      memory: optional("memory", "At most so much memory: 24GiB, 900MiB"),
      context: tokens("context", "Tokens of the longest request"),
      streams: tokens("streams", "Requests at once; one unless given"),
      output: number("output", "At least so many tokens/s for all requests at once"),
      prefer: Flag.Literals("prefer", ["decode", "ttft", "output", "memory", "kld"]).pipe(
        Flag.withDescription(
          "Of what meets the goal, which figure should be best; by default decode, with --streams output",
        ),
        Flag.optional,
      ),
      vary: Flag.String("vary").pipe(
        Flag.withDescription(
          "What may vary, by default all that the engine names: quantization, placement, or an option, with values if it should have others: threads=2,4. May be given several times",
        ),
        Flag.atLeast(0),
      ),
      plan: flag("plan", "Show what would be tried and what it would cost, and run nothing"),
      json,
    },
    ({ context, decode, kld, memory, output, prefer, streams, ttft, ...input }) =>
      choose({
        command: "tune",
        ...input,
        decode: Option.getOrUndefined(decode),
        ttft: Option.getOrUndefined(ttft),
        kld: Option.getOrUndefined(kld),
        memory: Option.getOrUndefined(memory),
        context: Option.getOrUndefined(context),
        streams: Option.getOrUndefined(streams),
        output: Option.getOrUndefined(output),
        prefer: Option.getOrUndefined(prefer),
      }),
  ).pipe(
    Command.withDescription(
      "Search the settings that meet a goal: quantization and cache type within a budget of loss, flash attention, threads, batch size, placement. What can't fit is not run. The values of one setting after the other are measured by successive halving, and the best in turns with the engine's defaults; each try is a record, and an interrupted search resumes. At the end the config is written, if it is better.",
    ),
    Command.withShortDescription("Search the settings that meet a goal"),
    Command.withExamples([
      { command: "rigbook tune my-model --plan", description: "What may vary, and what a search would cost" },
      {
        command: "rigbook tune my-model --decode 30 --kld 0.05 --context 32768 --memory 24GiB",
        description: "30 tokens/s, little loss, in 24 GiB",
      },
      { command: "rigbook tune my-model --vary threads=2,4 --vary ubatch", description: "Two options alone" },
    ]),
  )

  const worker = Command.make(
    "worker",
    {
      records: Flag.optional(
        Flag.String("records").pipe(
          Flag.withMetavar("folder"),
          Flag.withDescription("Write records here, and resume those that are here, in place of the workspace's own"),
        ),
      ),
    },
    ({ records }) => choose({ command: "worker", records: Option.getOrUndefined(records) }),
  ).pipe(
    Command.withDescription(
      "Run the one cell that an order on standard input describes, or the cells of a unit, and print what happens as NDJSON, as run --events does. Cells are planned again for this machine; the workspace must have the model's source and the prompts. The registry is not rendered. For programs that run cells on other machines.",
    ),
    Command.withShortDescription("Run one cell as ordered on standard input, for programs"),
    Command.withExamples([
      {
        command: "rigbook worker < order.json > events.ndjson",
        description: "The form of an order: rigbook schema order",
      },
    ]),
  )

  const runs = Command.make("runs", { json }, (input) => choose({ command: "runs", ...input })).pipe(
    Command.withDescription("List records and interrupted runs, with their verdicts"),
  )

  const show = Command.make(
    "show",
    {
      record: Argument.String("record").pipe(Argument.withDescription("A record's id, or a part that no other has")),
      json,
    },
    (input) => choose({ command: "show", ...input }),
  ).pipe(
    Command.withDescription(
      "Show one record: what was requested, effective and observed, every figure, and the verdict",
    ),
    Command.withExamples([
      { command: "rigbook show smollm2", description: "Show the record whose id contains this word" },
    ]),
  )

  const card = Command.make(
    "card",
    { record: Argument.String("record").pipe(Argument.withDescription("A record's id, or a part that no other has")) },
    (input) => choose({ command: "card", ...input }),
  ).pipe(
    Command.withDescription("Print a short text about a record to paste: rig, model, figures, verdict; no names"),
    Command.withExamples([{ command: "rigbook card smollm2", description: "The card of that record" }]),
  )

  const report = Command.make(
    "report",
    {
      records: Argument.String("record").pipe(
        Argument.withDescription("Ids of records, or parts of them"),
        Argument.variadic({ min: 1 }),
      ),
      format: Flag.String("format").pipe(
        Flag.withDescription("markdown, json, csv, html, or the id of a plugin's reporter"),
        Flag.withDefault("markdown"),
      ),
      json,
    },
    (input) => choose({ command: "report", ...input }),
  ).pipe(
    Command.withDescription("Write a report of records to benchmarks/results/reports"),
    Command.withExamples([
      { command: "rigbook report smollm2 minilm", description: "One report on two records" },
      { command: "rigbook report smollm2 --format csv", description: "Its figures, for a spreadsheet" },
    ]),
  )

  const compare = Command.make(
    "compare",
    {
      a: Argument.String("a").pipe(
        Argument.withDescription("Before: ids of records or a part of them, a record.json, or a registry.json"),
      ),
      b: Argument.String("b").pipe(Argument.withDescription("After: the same")),
      gate: flag("gate", "Exit with 3 for a regression, and with 1 when the result is inconclusive"),
      across: optional("across", "Compare records in spite of a difference: host, workload, verdict"),
      metrics: optional("metrics", "Ids of the metrics to compare: ttft,tpot"),
      threshold: Flag.Finite("threshold").pipe(
        Flag.withDescription("Ignore changes below this percentage"),
        Flag.withDefault(2),
      ),
      junit: optional("junit", "Write JUnit XML to this file"),
      markdown: optional("markdown", "Write a page for a pull request to this file"),
      json,
    },
    ({ across, junit, markdown, metrics, ...input }) =>
      choose({
        command: "compare",
        ...input,
        across: Option.getOrUndefined(across),
        metrics: Option.getOrUndefined(metrics),
        junit: Option.getOrUndefined(junit),
        markdown: Option.getOrUndefined(markdown),
      }),
  ).pipe(
    Command.withDescription(
      "Show what changed between two records or two sets of records: by how much, how certain that is, and how small a change this many trials can detect. Records of different hosts or workloads are refused.",
    ),
    Command.withShortDescription("Show what changed between records"),
    Command.withExamples([
      { command: "rigbook compare smollm2-q4 smollm2-q8", description: "Two models, by parts of their records' ids" },
      {
        command: "rigbook compare ../main/models/registry.json models/registry.json --gate --markdown summary.md",
        description: "Check a change against the registry of another checkout",
      },
    ]),
  )

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
        Flag.withDescription("What it provides"),
        Flag.withDefault("backend" as const),
      ),
      json,
    },
    (input) => choose({ command: "plugin new", ...input }),
  ).pipe(
    Command.withDescription("Create a package that builds and passes its conformance suite right away"),
    Command.withExamples([
      { command: "rigbook plugin new rigbook-echo", description: "A backend, in ./rigbook-echo" },
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

  const plugin = Command.make("plugin").pipe(
    Command.withDescription("List plugins, create one, or run the conformance suite on one"),
    Command.withSubcommands([pluginList, pluginNew, pluginCheck]),
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

  const name = Argument.String("name").pipe(Argument.withDescription("Name of the host, as configs and --on name it"))

  const hostAdd = Command.make(
    "add",
    {
      name,
      address: Argument.String("address").pipe(
        Argument.withDescription("Where it is: for ssh user@box, ssh://user@box:port, or a name of your ssh config"),
      ),
      launcher: Flag.String("launcher").pipe(
        Flag.withDescription("Id of the launcher that reaches it"),
        Flag.withDefault("ssh"),
      ),
      json,
    },
    (input) => choose({ command: "host add", ...input }),
  ).pipe(
    Command.withDescription(
      "Connect to a machine, bring Rigbook there, show its devices and engines, and keep it under a name. The address is kept in your own config folder: it is in no workspace and in no record.",
    ),
    Command.withShortDescription("Add a machine that cells can run on"),
    Command.withExamples([{ command: "rigbook host add my-server me@box", description: "A machine that ssh reaches" }]),
  )
  const hostList = Command.make("list", { json }, (input) => choose({ command: "host list", ...input })).pipe(
    Command.withDescription("List the hosts that were added, with their devices"),
  )
  const hostRemove = Command.make("remove", { name, json }, (input) =>
    choose({ command: "host remove", ...input }),
  ).pipe(Command.withDescription("Forget a host; nothing on it is touched"))
  const hostStop = Command.make("stop", { name, json }, (input) => choose({ command: "host stop", ...input })).pipe(
    Command.withDescription("Cancel what this workspace runs on a host: when it returns, nothing of it runs there"),
  )
  const host = Command.make("host").pipe(
    Command.withDescription("Add and list machines that cells can run on, or cancel what runs there"),
    Command.withSubcommands([hostAdd, hostList, hostRemove, hostStop]),
  )

  const schema = Command.make(
    "schema",
    {
      file: Argument.Literals("file", SCHEMA_NAMES).pipe(
        Argument.withDescription("Kind of file; by default, list the kinds"),
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
    Command.withSubcommands([
      init,
      add,
      doctor,
      setup,
      inspect,
      plan,
      run,
      tune,
      worker,
      runs,
      show,
      card,
      report,
      compare,
      importFiles,
      dataset,
      verify,
      derive,
      registry,
      host,
      plugin,
      serve,
      schema,
    ]),
  )
}
