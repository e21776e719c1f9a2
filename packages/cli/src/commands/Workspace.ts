import { Option } from "effect"
import { Argument, Command } from "effect/cli"
import type { Choose } from "./Choose.ts"
import { json, optional } from "./Flags.ts"

/** Makes a workspace and what it needs: its configs, and engines on this machine. */
export const workspaceCommands = (choose: Choose) => {
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

  return [init, add, doctor, setup]
}
