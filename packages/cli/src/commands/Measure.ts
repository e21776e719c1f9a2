import { Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { flag, json, number, optional, tokens } from "./Flags.ts"

/** Runs models, and records what is measured. */
export const measureCommands = (choose: Choose) => {
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

  return [run, tune, worker]
}
