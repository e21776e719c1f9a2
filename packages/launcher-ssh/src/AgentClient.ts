import type { HostAway, LaunchError } from "@rigbook/core"
import { Deferred, Effect, Schema, Scope, Semaphore } from "effect"
import { type Dialogue, notUnderstood } from "./Remote.ts"
import { commandFailure } from "./SshEnd.ts"

/** The agent on the other machine: one process for all that is requested of it. */
export interface AgentClient {
  /** Carries out a command there, beside others, and returns its answer. */
  readonly ask: (command: string, input: unknown) => Effect.Effect<unknown, Failed>
}

type Failed = LaunchError | HostAway

const decodeAnswer = Schema.decodeEffect(
  Schema.fromJsonString(
    Schema.Struct({
      id: Schema.Finite,
      answer: Schema.optionalKey(Schema.Unknown),
      error: Schema.optionalKey(Schema.String),
    }),
  ),
)

/**
 * The agent that `start` starts, and starts again for the next request after its connection broke. What was requested
 * before fails then. It ends with the scope.
 */
export const connectAgent = Effect.fn("AgentClient.connectAgent")(function* <R>(
  host: string,
  start: Effect.Effect<Dialogue, Failed, R | Scope.Scope>,
) {
  const context = yield* Effect.context<R | Scope.Scope>()
  const scope = yield* Effect.scope
  const turn = Semaphore.makeUnsafe(1)
  let current: Answering | undefined
  const connected = turn.withPermits(1)(
    Effect.gen(function* () {
      if (current !== undefined && current.failure() === undefined) return current
      const answering = answeringBy(host, yield* Effect.provideContext(start, context))
      yield* Effect.forkIn(answering.receive, scope, { startImmediately: true })
      current = answering
      return answering
    }),
  )
  yield* connected
  const agent: AgentClient = { ask: (command, input) => Effect.flatMap(connected, ({ ask }) => ask(command, input)) }
  return agent
})

interface Answering extends AgentClient {
  /** Receives answers until the connection ends. */
  readonly receive: Effect.Effect<void>
  /** Why it answers no more. */
  readonly failure: () => Failed | undefined
}

/** Requests to one process, and its answers. */
const answeringBy = (host: string, { read, write }: Dialogue): Answering => {
  const waiting = new Map<number, Deferred.Deferred<unknown, Failed>>()
  let failure: Failed | undefined
  let lastId = 0
  const receive = Effect.gen(function* () {
    const { answer, error, id } = yield* Effect.mapError(
      Effect.flatMap(read, (line) => decodeAnswer(line)),
      (cause) => (cause._tag === "SchemaError" ? notUnderstood(host, cause) : cause),
    )
    // That of an interrupted request is not expected any more.
    const requested = waiting.get(id)
    if (requested === undefined) return
    yield* error === undefined
      ? Deferred.succeed(requested, answer)
      : Deferred.fail(requested, commandFailure(host, error, "See its disk and permissions there."))
  })
  return {
    failure: () => failure,
    receive: Effect.catch(Effect.forever(receive), (cause) => {
      failure = cause
      return Effect.forEach([...waiting.values()], (requested) => Deferred.fail(requested, cause), { discard: true })
    }),
    ask: (command, input) =>
      Effect.suspend(() => {
        if (failure !== undefined) return Effect.fail(failure)
        const id = ++lastId
        const answered = Deferred.makeUnsafe<unknown, Failed>()
        waiting.set(id, answered)
        write(JSON.stringify({ id, command, input }))
        return Effect.ensuring(
          Deferred.await(answered),
          Effect.sync(() => waiting.delete(id)),
        )
      }),
  }
}
