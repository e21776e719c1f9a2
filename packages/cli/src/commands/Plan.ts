import { Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { json, optional } from "./Flags.ts"

/** Shows what a model is and where it would run, from headers alone: nothing is started. */
export const planCommands = (choose: Choose) => {
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

  return [inspect, plan]
}
