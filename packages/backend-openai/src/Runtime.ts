import { type BackendError, NotInstalled, Refused, Runtime, TimedOut, Unsupported } from "@rigbook/core"
import type { OpenAiClient } from "@rigbook/core/engine"
import { Effect, Schema } from "effect"
import { connect, fail, shown } from "./Endpoint.ts"
import { httpReason } from "./HttpReason.ts"
import type { Options } from "./Options.ts"

const Models = Schema.Struct({
  data: Schema.Array(Schema.Struct({ id: Schema.NonEmptyString, owned_by: Schema.optionalKey(Schema.NonEmptyString) })),
})
const decodeModels = Schema.decodeUnknownEffect(Models)

const PROBE_MS = 10_000

/** The server's model that the options mean, and who serves it; within `timeoutMs`. */
export const findModel = (client: OpenAiClient, options: Options, timeoutMs: number) =>
  client.getJson("/v1/models").pipe(
    Effect.catchTag("HttpFailure", (failure) =>
      Effect.fail(
        fail(
          failure.status === undefined
            ? new NotInstalled({
                detail: `No server answers at ${options.url}: ${shown(options, failure.detail)}.`,
                fix: "Start it, or correct url in backends.openai.",
              })
            : httpReason(options, failure),
        ),
      ),
    ),
    Effect.flatMap((answer) => Effect.mapError(decodeModels(answer), () => fail(noList(options)))),
    Effect.flatMap(({ data }) => {
      const found = data.find(({ id }) => id === (options.model ?? data[0]?.id))
      if (found !== undefined && (options.model !== undefined || data.length === 1)) return Effect.succeed(found)
      return Effect.fail(
        fail(
          notListed(
            options,
            data.map(({ id }) => shown(options, id)),
          ),
        ),
      )
    }),
    Effect.timeoutOrElse({
      duration: timeoutMs,
      orElse: () =>
        Effect.fail(
          fail(
            new TimedOut({
              detail: `${options.url} did not list its models within ${timeoutMs} ms.`,
              fix: "Check whether the server is overloaded; raise protocol.openTimeoutMs if it was only slow.",
              afterMs: timeoutMs,
            }),
          ),
        ),
    }),
  )

const noList = ({ url }: Options) =>
  new Unsupported({
    detail: `${url}/v1/models does not answer with a list of models.`,
    fix: "Set url to a server with an OpenAI-compatible API.",
  })

const notListed = ({ model, url }: Options, listed: ReadonlyArray<string>) =>
  new Unsupported({
    detail:
      model === undefined
        ? `${url} lists ${listed.length} models, and the config names none.`
        : `${url} does not list the model ${model}.`,
    fix: `Set model in backends.openai to one of: ${listed.slice(0, 20).join(", ") || "none"}.`,
  })

/** What the server reports of itself. Only vLLM and llama-server report a version to compare. */
export const probe: (options: Options) => Effect.Effect<Runtime, BackendError> = (options) =>
  Effect.gen(function* () {
    const client = yield* connect(options)
    const { id, owned_by: owner = "OpenAI-style server" } = yield* findModel(client, options, PROBE_MS)
    return new Runtime({
      program: shown(options, owner),
      version: shown(options, yield* versionOf(client)),
      origin: "named",
      path: options.url,
      libraries: { model: shown(options, id) },
    })
  }).pipe(Effect.scoped)

/** Fails if the model or version differs from what the cell was planned for. */
export const sameAsPlanned = Effect.fnUntraced(function* (
  client: OpenAiClient,
  options: Options,
  id: string,
  { libraries, version: planned }: Runtime,
): Effect.fn.Return<void, BackendError> {
  const version = shown(options, yield* versionOf(client))
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

const versionOf = (client: OpenAiClient) =>
  client.getJson("/version").pipe(
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
