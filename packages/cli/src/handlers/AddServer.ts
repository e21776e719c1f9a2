import type { FoundServer, OfferedModel } from "@rigbook/core"
import { ggufSha256 } from "@rigbook/core/models"
import { readOutlines, type Workspace, workspaceAt } from "@rigbook/records"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { usageFailure } from "../Failure.ts"
import { commandText } from "../output/CommandText.ts"
import { installedBackends, workspaceHere } from "../Plugins.ts"
import { freeName, pathFrom, placeConfig, schemaFrom } from "./AddModel.ts"
import { configName } from "./ConfigText.ts"
import { serverConfigText } from "./ServerConfigText.ts"

/** Whether `rigbook add` was given a server, not a file. */
export const isAddress = (model: string): boolean => /^https?:\/\//i.test(model)

/** What was requested beside the address. */
interface Wanted {
  /** Of the config. */
  readonly name?: string | undefined
  /** The model's name at the server. */
  readonly served?: string | undefined
}

/**
 * The config of a model of a running server: the one that is named, else the first that it lists. Its source is the
 * model's file where that is on this machine, else what the server reports.
 */
export const addServer = Effect.fn("AddServer.addServer")(function* (address: string, { name, served }: Wanted = {}) {
  const { backend, server } = yield* serverAt(address)
  const { models } = server
  const model = models.find((one) => one.name === (served ?? models[0]?.name))
  if (model === undefined)
    return yield* usageFailure(
      models.length === 0
        ? `${server.name} at ${server.url} has no models yet.`
        : `${server.name} at ${server.url} has no model "${served}". It has: ${namesOf(models)}.`,
    )
  const here = yield* workspaceHere
  const about = aboutOf(server, model)
  const known = here === undefined || name !== undefined ? undefined : yield* configOf(here, backend, model)
  if (here !== undefined && known !== undefined)
    return {
      workspace: here,
      config: join(here.root, known.path),
      id: known.id,
      made: false,
      files: [],
      toSetUp: [],
      about,
    }
  const target = here ?? workspaceAt(process.cwd(), { rigbook: 1 })
  const id = yield* freeName(target, name ?? configName(model.name), address)
  const text = serverConfigText({
    backend,
    server,
    model,
    schema: schemaFrom(target),
    ...(model.path === undefined
      ? {}
      : { source: { path: pathFrom(target, model.path), sha256: yield* ggufSha256(model.path) } }),
  })
  return { ...(yield* placeConfig({ here, target, id, task: model.task, text })), toSetUp: [], about }
})

/** The first installed backend that can measure what is at an address, and the server. */
const serverAt = Effect.fnUntraced(function* (address: string) {
  if (!URL.canParse(address) || new URL(address).username !== "" || new URL(address).search !== "")
    return yield* usageFailure("Expected the address of a server, without a user, query or fragment.")
  const backends = yield* installedBackends
  let installed = false
  for (const id of backends.ids) {
    const loaded = yield* Effect.orElseSucceed(backends.get(id), () => undefined)
    if (loaded?.machine?.servers === undefined) continue
    installed = true
    const [server] = yield* loaded.machine.servers(address)
    if (server !== undefined) return { backend: id, server }
  }
  return yield* usageFailure(
    installed
      ? `No server with an OpenAI-compatible API answers at ${address}. What listens on this machine: rigbook doctor`
      : "No installed backend measures servers: npm install @rigbook/backend-openai",
  )
})

const namesOf = (models: ReadonlyArray<OfferedModel>): string =>
  `${models
    .slice(0, 20)
    .map(({ name }) => name)
    .join(", ")}${models.length > 20 ? ", …" : ""}`

/** What to know of the config: other models that there are, and what this kind of server does not report. */
const aboutOf = ({ absent, models, name, url, version }: FoundServer, model: OfferedModel): ReadonlyArray<string> => {
  const others = models.filter((one) => one !== model)
  return [
    `${model.name} of ${name}${version === "not reported" ? "" : ` ${version}`} at ${url}.`,
    ...absent,
    ...(others.length === 0
      ? []
      : [
          `Other models: ${namesOf(others)}. Add one with: ${commandText("rigbook", "add", url, "--model", others[0]!.name)}`,
        ]),
  ]
}

/** The config that has these options for this backend, and perhaps more. */
const configOf = Effect.fnUntraced(function* (workspace: Workspace, backend: string, { options }: OfferedModel) {
  const { outlines } = yield* readOutlines(workspace)
  return outlines.find(({ read: { file } }) => {
    const given = hasOptions(file.value) ? file.value.backends[backend] : undefined
    return Object.entries(options).every(([key, option]) => isDeepStrictEqual(given?.[key], option))
  })
})

const hasOptions = Schema.is(
  Schema.Struct({ backends: Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown)) }),
)
