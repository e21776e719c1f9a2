import {
  backendError,
  BadModel,
  CPU,
  Crashed,
  Effective,
  type EngineBuffer,
  makeBackend,
  type ModelFacts,
  NotInstalled,
  OutOfMemory,
  type Placement,
  type Session,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import {
  embedTexts,
  engineProcess,
  freePort,
  type HttpFailure,
  openAiClient,
  scrubbedEnvironment,
  untilReady,
} from "@rigbook/core/engine"
import { Effect, Schema } from "effect"
import type { EngineBehaviour } from "../src/FakeEngine.ts"
import { FAKE_HOSTS } from "../src/FakeHosts.ts"
import {
  type BackendSubject,
  fakeBackend,
  fakeEngine,
  fakeLog,
  fakeModel,
  type FakeOptions,
  fakeRuntime,
} from "../src/index.ts"

const MODELS = { generate: { path: "/models/fake.gguf" }, embed: { path: "/models/fake.gguf" } }
export const QUICK = { openMs: 30_000, answerMs: 10_000, stallMs: 1_000, endMs: 5_000 }

/** The weights, by the shares of the placement, on what is not the processor. */
const layout = (
  { weightBytes }: ModelFacts,
  _: unknown,
  { devices, split }: Placement,
): ReadonlyArray<EngineBuffer> => {
  const gpus = devices.filter((device) => device !== CPU)
  const shares = split ?? gpus.map(() => 1)
  const all = shares.reduce((sum, share) => sum + share, 0)
  return gpus.map((device, at) => ({ device, kind: "model", bytes: (weightBytes * shares[at]!) / all }))
}

/** What a session says is effective, with other buffers. */
export const holding = (
  { effective: { devices, settings } }: Session,
  buffers: ReadonlyArray<EngineBuffer>,
): Effective => new Effective({ devices, settings, buffers })

const IDENTITY = { program: { version: "1.0" }, process: { pid: "1" } }

/** The fake backend, which conforms, and all that the suite can be given for it. */
export const inProcess = () => {
  const log = fakeLog()
  const options: Partial<typeof FakeOptions.Encoded> = { context: 512 }
  const subject: BackendSubject = {
    options,
    models: MODELS,
    host: FAKE_HOSTS["CPU only"],
    limits: QUICK,
    faults: {
      missingProgram: { probeFails: { _tag: "NotInstalled", detail: "There is none.", fix: "Install it." } },
      unsupported: { unfit: "too new" },
      outOfMemory: { options: { openFails: { _tag: "OutOfMemory", detail: "Full.", fix: "Take less." } } },
      freeze: () =>
        Effect.acquireRelease(
          Effect.sync(() => void (log.fault = "hangs")),
          () => Effect.sync(() => log.fault === "hangs" && delete log.fault),
        ),
      kill: () => Effect.sync(() => void (log.fault = "crashed")),
    },
  }
  const fake = fakeBackend(log)
  const backend: typeof fake = {
    ...fake,
    placement: { ...fake.placement, layout },
    open: (input) =>
      Effect.map(fake.open(input), (session) => ({
        ...session,
        effective: holding(session, layout(input.model, input.config, input.placement)),
        identify: Effect.succeed(IDENTITY),
      })),
  }
  return { backend, log, subject }
}

const fail = backendError("program")
const Options = Schema.Struct({
  behaviour: Schema.Json.pipe(Schema.withDecodingDefaultKey(Effect.succeed({}))),
  missing: Schema.optionalKey(Schema.Boolean),
})

/** A backend whose engine is a real process: the fake engine, behaving as the options say. */
export const program = makeBackend({
  id: "program",
  description: "the fake engine",
  tasks: ["generate", "embed"],
  config: Options,
  probe: ({ missing }) =>
    missing === true
      ? Effect.fail(fail(new NotInstalled({ detail: "There is none.", fix: "Install it." })))
      : Effect.succeed(fakeRuntime()),
  inspect: ({ path }) =>
    path.endsWith("no-model.gguf")
      ? Effect.fail(fail(new BadModel({ detail: "This is not a model.", fix: "Name one." })))
      : Effect.succeed(fakeModel()),
  open: Effect.fnUntraced(function* ({ config, logFile, openTimeoutMs, placement, task }) {
    const port = yield* freePort
    const engine = yield* engineProcess({
      ...fakeEngine({ ...(config.behaviour as EngineBehaviour), port }),
      env: scrubbedEnvironment([]),
      logFile,
    }).pipe(Effect.orDie)
    const client = yield* openAiClient(port)
    const ended = (exitCode: number) =>
      fail(
        /out of memory/.test(engine.log())
          ? new OutOfMemory({ detail: "The engine got no memory.", fix: "Take less." })
          : /not supported/.test(engine.log())
            ? new Unsupported({ detail: "The engine can't.", fix: "Request less." })
            : new Crashed({ detail: "The engine ended.", fix: "Read its log.", exitCode }),
        engine.logTail(),
      )
    yield* untilReady(engine, openTimeoutMs, client.getJson("/health")).pipe(
      Effect.mapError((early) =>
        early._tag === "EndedEarly"
          ? ended(early.exitCode)
          : fail(new TimedOut({ detail: "It was not ready.", fix: "Wait longer.", afterMs: early.afterMs })),
      ),
    )
    const explained = <A>(sending: Effect.Effect<A, HttpFailure>) =>
      Effect.catch(sending, ({ message }) =>
        Effect.flatMap(Effect.timeoutOption(engine.exited, "1 second"), (exit) =>
          Effect.fail(
            exit._tag === "Some" ? ended(exit.value) : fail(new Crashed({ detail: message, fix: "Read its log." })),
          ),
        ),
      )
    const session: Session = {
      effective: new Effective({ devices: placement.devices, settings: {}, buffers: [] }),
      pids: [engine.pid],
      send: (request, observer) => {
        if (request.task !== task) return Effect.fail(fail(new Unsupported({ detail: "Not that.", fix: "Ask else." })))
        return request.task === "generate"
          ? explained(Effect.map(client.stream(request, "fake", {}, observer), ({ completion }) => completion))
          : explained(embedTexts(client, "fake", request, observer))
      },
    }
    return session
  }),
})

export const programSubject: BackendSubject = {
  options: {},
  models: MODELS,
  host: FAKE_HOSTS["CPU only"],
  limits: { ...QUICK, answerMs: 300_000, endMs: 60_000 },
  faults: {
    missingProgram: { missing: true },
    unsupported: { behaviour: { exits: { code: 1, says: "not supported" } } },
    outOfMemory: { options: { behaviour: { exits: { code: 1, says: "out of memory" } } } },
    deafChild: { behaviour: { deaf: true, leavesChild: true } },
  },
}
