import type { Task } from "@rigbook/core"
import { ggufSha256 } from "@rigbook/core/models"
import { readOutlines, type Workspace, workspaceAt, writeAtomically } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { dirname, join, relative, resolve, sep } from "node:path"
import { usageFailure } from "../Failure.ts"
import { commandText } from "../output/CommandText.ts"
import { workspaceHere } from "../Plugins.ts"
import { backendsFor } from "./BackendsFor.ts"
import { configName, configText, modelName, STANDARD_PROMPTS } from "./ConfigText.ts"
import { copyMissing, templateFiles } from "./CopyTemplate.ts"
import { configNames, openWorkspace } from "./OpenWorkspace.ts"
import { HUB, modelAt } from "./PlanTargets.ts"
import { documentOf } from "./Schema.ts"

/** Where editors find the schema of configs, from the root of a workspace. */
const SCHEMA = "benchmarks/configs/schemas/model-config.json"

/**
 * The config of a model's file or folder: the one that names it already, else a new one, called `wanted` or like the model.
 * Makes a workspace in the current folder if there is none. An existing config is never replaced, and nothing is written
 * before the model was found to fit.
 */
export const addModel = Effect.fn("AddModel.addModel")(function* (path: string, wanted?: string) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* fs.exists(path))) return yield* notHere(path)
  const model = yield* modelAt(path)
  const here = yield* workspaceHere
  const known = here === undefined || wanted !== undefined ? undefined : yield* configOf(here, model.files.path)
  if (here !== undefined && known !== undefined)
    return { workspace: here, config: join(here.root, known.path), id: known.id, made: false, files: [], toSetUp: [] }
  const target = here ?? workspaceAt(process.cwd(), { rigbook: 1 })
  const name = modelName(model.name)
  const id = yield* freeName(target, wanted ?? configName(name), path)
  const { chosen, task, toSetUp } = yield* backendsFor(model, here)
  const [{ backend, model: facts }] = chosen
  const source = model.files.path
  const text = configText({
    name,
    task,
    model: facts,
    path: pathFrom(target, source),
    // Of a GGUF that a backend unpacks, `inspect` says what it will be.
    sha256: /\.gguf$/i.test(source) ? yield* ggufSha256(source) : (yield* backend.inspect({ path: source })).sha256,
    backends: chosen.map((each) => each.backend.id),
    schema: schemaFrom(target),
  })
  return { ...(yield* placeConfig({ here, target, id, task, text })), toSetUp }
})

interface Placing {
  /** Left out where there is no workspace yet. */
  readonly here: Workspace | undefined
  readonly target: Workspace
  /** Of the config. */
  readonly id: string
  readonly task: Task
  readonly text: string
}

/** Writes a new config, with what it needs beside it; makes a workspace in the current folder if there is none. */
export const placeConfig = Effect.fn("AddModel.placeConfig")(function* ({ here, id, target, task, text }: Placing) {
  const fs = yield* FileSystem.FileSystem
  const files = (yield* templateFiles).filter((file) =>
    here === undefined
      ? !/^(models\/configs|benchmarks\/configs\/hosts)\//.test(file)
      : file.endsWith(`/${STANDARD_PROMPTS[task]}.jsonl`),
  )
  const copied = yield* copyMissing(target.root, files)
  const config = join(target.configs, `${id}.yaml`)
  const schema = join(target.root, SCHEMA)
  for (const file of [config, schema]) yield* fs.makeDirectory(dirname(file), { recursive: true })
  yield* writeAtomically(schema, `${JSON.stringify(yield* documentOf("model-config"), null, 2)}\n`)
  yield* fs.writeFileString(config, text, { flag: "wx" })
  return { workspace: here ?? (yield* openWorkspace), config, id, made: true, files: copied }
})

/** The config's JSON Schema, from the config's folder. */
export const schemaFrom = ({ configs, root }: Workspace): string => relative(configs, join(root, SCHEMA))

const notHere = (name: string) => {
  const [, hub, file = ""] = HUB.exec(name) ?? []
  return usageFailure(
    hub === undefined || hub.endsWith(".gguf")
      ? `There is no file or folder "${name}".`
      : `There is no file or folder "${name}". If it is a model on a hub, download it first: ${`hf download ${hub} ${file}`.trim()} --local-dir .`,
  )
}

/** The config that names a file or folder. */
const configOf = Effect.fnUntraced(function* (workspace: Workspace, path: string) {
  const { outlines } = yield* readOutlines(workspace)
  return outlines.find(({ source }) => "path" in source && resolve(workspace.configs, source.path) === path)
})

export const freeName = Effect.fnUntraced(function* (workspace: Workspace, name: string, path: string) {
  if (!/^[A-Za-z0-9][\w.-]*$/.test(name) || /\.ya?ml$/.test(name))
    return yield* usageFailure(
      `"${name}" can't be a config's name: use letters, digits, dots and dashes, without an ending.`,
    )
  if (!(yield* configNames(workspace)).includes(name)) return name
  return yield* usageFailure(
    `There is a config "${name}" of another model. Choose a name: ${commandText("rigbook", "add", path)} --name <name>`,
  )
})

/** A path as a config has it: inside the workspace it may move with it. */
export const pathFrom = ({ configs, root }: Workspace, path: string): string =>
  path.startsWith(root + sep) ? relative(configs, path) : path
