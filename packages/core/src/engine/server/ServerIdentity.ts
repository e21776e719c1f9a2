import { Effect } from "effect"
import type { EngineIdentity } from "../../runtime/EngineIdentity.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import type { OpenAiClient } from "../process/OpenAiClient.ts"
import { type Facts, type IdentitySource, MODEL, PROCESS_SOURCES, PROGRAM_SOURCES } from "./IdentitySources.ts"

/** A request that takes longer has no answer. */
const ASK_MS = 5_000
/** Times are given in whole seconds: after this long, that of the next request is another. */
const NEXT_SECOND = "1100 millis"

interface Answer {
  readonly source: IdentitySource
  /** Facts, or why there are none. */
  readonly said: Facts | string
}

/**
 * Reads a server's identity each time it is run; `model` is the model's name there. What fails the first time is
 * left out later, since there is nothing to compare its answer with; only the model must be listed. `own` are facts of
 * a process started by us: then its start is not read from the server.
 */
export const serverIdentity = (
  client: Pick<OpenAiClient, "getJson" | "getText">,
  model: string,
  own?: Effect.Effect<EngineIdentity["process"]>,
): Effect.Effect<EngineIdentity> => {
  const ask = (source: IdentitySource): Effect.Effect<Answer> =>
    source.ask(client, model).pipe(
      Effect.catchIf(isOtherMake, () => Effect.succeed<Facts>({})),
      Effect.timeoutOrElse({
        duration: ASK_MS,
        orElse: () => Effect.fail({ message: `${source.path}: no answer within ${ASK_MS / 1000} s` }),
      }),
      Effect.catch(({ message }) => Effect.succeed(message)),
      Effect.map((said) => ({ source, said })),
    )
  let sources = own === undefined ? [...PROGRAM_SOURCES, ...PROCESS_SOURCES] : PROGRAM_SOURCES
  let isFirst = true
  const askFirst = Effect.fnUntraced(function* () {
    const questions = sources.map((source) => (source.mayBeOfRequest === true ? standing(ask(source)) : ask(source)))
    const answers = yield* Effect.all(questions, { concurrency: "unbounded" })
    const kept = answers.filter(({ said, source }) => typeof said !== "string" || source === MODEL)
    sources = kept.map(({ source }) => source)
    isFirst = false
    return kept
  })
  return Effect.gen(function* () {
    const ofProcess = own === undefined ? {} : yield* own
    const answers = isFirst ? yield* askFirst() : yield* Effect.forEach(sources, ask, { concurrency: "unbounded" })
    const absent = answers.map(({ said }) => said).find((said) => typeof said === "string")
    return {
      program: factsOf(answers, "program"),
      process: { ...ofProcess, ...factsOf(answers, "process") },
      ...(absent === undefined ? {} : { absent }),
    }
  })
}

/** The server answers, but this path does not exist, or is something else. */
const isOtherMake = ({ kind, status }: HttpFailure): boolean =>
  kind === "malformed" || (status !== undefined && (status < 500 || status === 501) && status !== 408 && status !== 429)

/** An answer that stays the same from one second to the next. */
const standing = (ask: Effect.Effect<Answer>): Effect.Effect<Answer> =>
  Effect.flatMap(ask, (first) =>
    typeof first.said === "string" || Object.keys(first.said.process ?? {}).length === 0
      ? Effect.succeed(first)
      : Effect.map(Effect.delay(ask, NEXT_SECOND), (second) =>
          JSON.stringify(second.said) === JSON.stringify(first.said)
            ? first
            : { ...first, said: "it is of the request" },
        ),
  )

const factsOf = (answers: ReadonlyArray<Answer>, part: keyof Facts): EngineIdentity["program"] =>
  Object.assign({}, ...answers.map(({ said }) => (typeof said === "string" ? {} : said[part])))
