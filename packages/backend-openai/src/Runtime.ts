import {
  type BackendError,
  NotInstalled,
  type ProbeOptions,
  Refused,
  Runtime,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import { type HttpFailure, type OpenAiClient, type StillLoading, untilLoaded } from "@rigbook/core/engine"
import { Effect, Schema } from "effect"
import { connect, fail, shown } from "./Endpoint.ts"
import { httpReason, saidIn } from "./HttpReason.ts"
import type { Kind } from "./Kinds.ts"
import type { Options } from "./Options.ts"
import { listOf, recognise, versionOf } from "./Recognise.ts"

const Models = Schema.Struct({
  data: Schema.Array(Schema.Struct({ id: Schema.NonEmptyString, owned_by: Schema.optionalKey(Schema.NonEmptyString) })),
})
type Listed = (typeof Models.Type)["data"]
const decodeModels = Schema.decodeUnknownEffect(Models)

const PROBE_MS = 10_000

/** How long the server may take. */
export interface Patience {
  /** For one answer. */
  readonly timeoutMs: number
  /** Until it has loaded its model, if it says that it is loading or overloaded. */
  readonly waitMs: number
}

/** The server's model that the options mean, and who serves it. */
export const findModel = Effect.fnUntraced(function* (
  client: OpenAiClient,
  options: Options,
  kind: Effect.Effect<Kind | undefined>,
  { timeoutMs, waitMs }: Patience,
) {
  const unlisted = ({ status }: HttpFailure) => status === 404 || status === 405 || status === 501
  const list = client.getJson("/v1/models").pipe(
    Effect.timeoutOrElse({ duration: timeoutMs, orElse: () => Effect.fail(fail(noAnswer(options, timeoutMs))) }),
    (asking) => untilLoaded(asking, waitMs),
    Effect.catchTag("StillLoading", (late) => Effect.fail(fail(stillLoading(options, late)))),
    Effect.flatMap((answer) => Effect.mapError(decodeModels(answer), () => fail(noList(options)))),
    Effect.map(({ data }): Listed => data),
    Effect.catchIf(
      (error) => error._tag === "HttpFailure" && unlisted(error),
      () => ownList(client, options, kind),
    ),
    Effect.catchTag("HttpFailure", (failure) =>
      Effect.fail(fail(failure.status === undefined ? notThere(options, failure) : httpReason(options, failure))),
    ),
  )
  const data = yield* list
  const found = data.find(({ id }) => id === (options.model ?? data[0]?.id))
  if (found !== undefined && (options.model !== undefined || data.length === 1)) return found
  return yield* fail(
    notListed(
      options,
      data.map(({ id }) => shown(options, id)),
    ),
  )
})

/** Without OpenAI's list: by the server's own, and else the model is taken to be there that the config names. */
const ownList = Effect.fnUntraced(function* (
  client: OpenAiClient,
  options: Options,
  kind: Effect.Effect<Kind | undefined>,
): Effect.fn.Return<Listed, BackendError> {
  const known = yield* kind
  const listed = known === undefined ? [] : yield* listOf(client, known)
  if (listed.length > 0) return listed.map(({ name }) => ({ id: name }))
  return options.model === undefined ? yield* fail(nameIt(options)) : [{ id: options.model }]
})

const notThere = (options: Options, { detail }: HttpFailure) =>
  new NotInstalled({
    detail: `No server answers at ${options.url}: ${shown(options, detail)}.`,
    fix: "Start it, or correct url in backends.openai.",
  })

const noAnswer = ({ url }: Options, timeoutMs: number) =>
  new TimedOut({
    detail: `${url} did not list its models within ${timeoutMs} ms.`,
    fix: "Check whether the server is overloaded; raise protocol.openTimeoutMs if it was only slow.",
    afterMs: timeoutMs,
  })

/** The server still says that it is not ready. */
export const stillLoading = (options: Options, { afterMs, failure }: StillLoading) => {
  const { retryAfterS } = failure
  const named = retryAfterS === undefined ? "" : ` (Retry-After: ${retryAfterS} s)`
  const waited = afterMs < 1000 ? "" : ` after ${Math.round(afterMs / 1000)} s`
  return new TimedOut({
    detail: `${options.url} is not ready${waited}: it answers HTTP ${failure.status}${named}, ${saidIn(options, failure)}.`,
    fix: "Wait until it has loaded its model, or raise protocol.openTimeoutMs.",
    afterMs,
  })
}

const noList = ({ url }: Options) =>
  new Unsupported({
    detail: `${url}/v1/models does not answer with a list of models.`,
    fix: "Set url to a server with an OpenAI-compatible API; set apiPath if that is elsewhere than at /v1.",
  })

const nameIt = ({ url }: Options) =>
  new Unsupported({
    detail: `${url} does not list its models, and the config names none.`,
    fix: "Set model in backends.openai; set apiPath if the API is elsewhere than at /v1.",
  })

const notListed = ({ model, url }: Options, listed: ReadonlyArray<string>) =>
  new Unsupported({
    detail:
      model === undefined
        ? `${url} lists ${listed.length} models, and the config names none.`
        : `${url} does not list the model ${model}.`,
    fix: `Set model in backends.openai to one of: ${listed.slice(0, 20).join(", ") || "none"}.`,
  })

/** What the server reports of itself. Kinds that are not known report a version if they do so as vLLM or llama-server does. */
export const probe: (options: Options, patience?: ProbeOptions) => Effect.Effect<Runtime, BackendError> = (
  options,
  { waitMs = 0 } = {},
) =>
  Effect.gen(function* () {
    const client = yield* connect(options)
    const kind = yield* Effect.cached(recognise(client))
    const { id, owned_by: owner } = yield* findModel(client, options, kind, { timeoutMs: PROBE_MS, waitMs })
    const known = yield* kind
    return new Runtime({
      program: shown(options, known?.program ?? owner ?? "OpenAI-style server"),
      version: shown(options, yield* reportedVersion(client, known)),
      origin: "named",
      path: options.url,
      libraries: { model: shown(options, id) },
    })
  }).pipe(Effect.scoped)

/** Fails if the model or version differs from what the cell was planned for. */
export const sameAsPlanned = Effect.fnUntraced(function* (
  client: OpenAiClient,
  options: Options,
  kind: Kind | undefined,
  id: string,
  { libraries, version: planned }: Runtime,
): Effect.fn.Return<void, BackendError> {
  const version = shown(options, yield* reportedVersion(client, kind))
  const model = shown(options, id)
  const was = libraries["model"]
  if (version === planned && model === was) return
  return yield* fail(
    new Refused({
      detail: `${options.url} serves ${model} with version ${version}, but the cell was planned for ${was} with version ${planned}.`,
      fix: "Run again, to plan a cell for the current server.",
    }),
  )
})

const Version = Schema.Struct({ version: Schema.NonEmptyString })
const Props = Schema.Struct({ build_info: Schema.NonEmptyString })

const reportedVersion = Effect.fnUntraced(function* (client: OpenAiClient, kind: Kind | undefined) {
  const own = kind === undefined ? undefined : yield* versionOf(client, kind)
  if (own !== undefined) return own
  return yield* client.getJson("/version").pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Version)),
    Effect.map(({ version }) => version),
    Effect.catch(() =>
      Effect.map(
        Effect.flatMap(client.getJson("/props"), Schema.decodeUnknownEffect(Props)),
        ({ build_info: build }) => build,
      ),
    ),
    Effect.timeout(PROBE_MS),
    Effect.orElseSucceed(() => "not reported"),
  )
})
