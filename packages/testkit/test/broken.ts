import {
  type AnyBackend,
  backendError,
  complete,
  Crashed,
  Demand,
  DeviceId,
  Effective,
  NotInstalled,
  Placement,
  type Placing,
  Refusal,
  Refused,
  Runtime,
  type Session,
  type Strategy,
} from "@rigbook/core"
import { Effect, Result, Schema, SchemaGetter } from "effect"
import { fakeHost } from "../src/FakeHosts.ts"
import { type BackendSubject, fakeModel, fakeRuntime } from "../src/index.ts"
import { holding } from "./conforming.ts"

/** One fault each: the one case that finds it, and what it says. */
interface Broken {
  readonly fault: string
  readonly with: (backend: AnyBackend) => Partial<AnyBackend>
  readonly subject?: (subject: BackendSubject) => Partial<BackendSubject>
  readonly fails: string
  readonly says: RegExp
}

const fail = backendError("fake")
const crashed = new Crashed({ detail: "It ended.", fix: "Look." })
const loading = new Refused({ detail: "It is still loading.", fix: "Wait." })

/** A fault of where it places: how `change` alters that. */
const placing =
  (change: (placement: Placing<unknown>) => Placing<unknown>) =>
  ({ placement = {} }: AnyBackend): Partial<AnyBackend> => ({ placement: { ...placement, ...change(placement) } })

/** A fault of the session: how `change` alters it, for one of the two tasks. */
const session =
  (task: "generate" | "embed", change: (session: Session) => Partial<Session>) => (backend: AnyBackend) => ({
    open: (input: Parameters<AnyBackend["open"]>[0]) =>
      Effect.map(backend.open(input), (opened) => (input.task === task ? { ...opened, ...change(opened) } : opened)),
  })
/** A fault of `send`. */
const sending = (task: "generate" | "embed", change: (send: Session["send"]) => Session["send"]) =>
  session(task, ({ send }) => ({ send: change(send) }))
const completing = (task: "generate" | "embed", change: object) =>
  sending(
    task,
    (send) => (request, observer) => Effect.map(send(request, observer), (done) => ({ ...done, ...change })),
  )

let turn = 0

/** Backends with one fault each, made of the one that conforms. */
export const BROKEN: ReadonlyArray<Broken> = [
  {
    fault: "its options are encoded as others",
    with: () => ({
      config: Schema.Struct({
        tokenMs: Schema.Finite.pipe(
          Schema.decodeTo(Schema.Finite, {
            decode: SchemaGetter.transform((ms: number) => ms + 1),
            encode: SchemaGetter.transform((ms: number) => ms),
          }),
        ),
        firstMs: Schema.Finite,
        perChunk: Schema.Finite,
        loadMs: Schema.Finite,
        demandBytes: Schema.Finite,
        bytesPerDocument: Schema.Finite,
      }) as AnyBackend["config"],
    }),
    subject: () => ({
      options: { tokenMs: 1, firstMs: 1, perChunk: 1, loadMs: 0, demandBytes: 1024, bytesPerDocument: 0 },
      faults: {},
    }),
    fails: "options are unchanged after writing and reading",
    says: /"tokenMs":2.* became .*"tokenMs":3/,
  },
  {
    fault: "its demand has no parts",
    with: () => ({
      memory: { demand: () => new Demand({ parts: [] }) },
      placement: { strategies: [onlySmall] },
    }),
    fails: "demand has named parts, none negative",
    says: /no parts: name at least the weights/,
  },
  {
    fault: "its demand is never the same",
    with: (backend) => ({
      memory: {
        demand: (...input) => {
          const { parts } = complete(backend).demand(...input)
          return new Demand({ parts: parts.map((part) => ({ ...part, bytes: part.bytes + turn++ })) })
        },
      },
    }),
    fails: "the same input gives the same plan twice",
    says: /demand must be pure/,
  },
  {
    fault: "its strategy throws dice",
    with: placing(() => ({
      strategies: [
        onlySmall,
        { id: "dice", place: () => Result.fail({ strategy: "dice", reason: `${turn++}` } as never) },
      ],
    })),
    fails: "the same input gives the same plan twice",
    says: /Strategy dice places the same model differently/,
  },
  {
    fault: "it places on a device that is not there",
    with: placing(({ strategies = [] }) => ({ strategies: [...strategies, strange] })),
    fails: "places on devices of the host only",
    says: /Strategy strange places on GPU-9, which host cpuonly does not have/,
  },
  {
    fault: "it places whatever the size",
    with: placing(() => ({
      strategies: [{ id: "cpu", place: () => Result.succeed([new Placement({ strategy: "cpu", devices: [CPU] })]) }],
    })),
    fails: "refuses what fits nowhere",
    says: /Strategy cpu finds room for a model of 1 PiB on host cpuonly/,
  },
  {
    fault: "it finds another program each time",
    with: () => ({
      probe: ({ probeFails }) =>
        probeFails === undefined ? Effect.sync(() => fakeRuntime({ version: `${turn++}` })) : missing,
    }),
    fails: "finds the same program twice",
    says: /another program the second time/,
  },
  {
    fault: "a missing program crashes it",
    with: ({ probe }) => ({ probe: (config) => Effect.mapError(probe(config), () => fail(crashed)) }),
    fails: "reports a missing program as NotInstalled",
    says: /fails with Crashed, but must fail with NotInstalled/,
  },
  {
    fault: "it finds a program that is not there",
    with: () => ({ probe: () => Effect.succeed(new Runtime(fakeRuntime())) }),
    fails: "reports a missing program as NotInstalled",
    says: /probe finds fake-engine though it does not exist/,
  },
  {
    fault: "it skips options that can't be",
    with: () => ({ machine: {} }),
    fails: "reports unsupported options",
    says: /accepted silently: report them in check/,
  },
  {
    fault: "it does not hash the model's files",
    with: ({ inspect }) => ({ inspect: (files) => Effect.map(inspect(files), () => fakeModel({ sha256: "unknown" })) }),
    fails: "reads what a model is from its files",
    says: /gives "unknown" as the model's SHA-256/,
  },
  {
    fault: "it takes any file for a model",
    with: () => ({ inspect: () => Effect.succeed(fakeModel()) }),
    fails: "reports a file that is not a model as BadModel",
    says: /finds a model in a file that has none/,
  },
  {
    fault: "it throws at a file that is no model",
    with: ({ inspect }) => ({ inspect: (files) => Effect.orDie(inspect(files)) }),
    fails: "reports a file that is not a model as BadModel",
    says: /The plugin threw/,
  },
  {
    fault: "it does not do a task that it declares",
    with: (backend) => ({
      open: (input) => (input.task === "embed" ? Effect.fail(fail(crashed)) : backend.open(input)),
    }),
    fails: "embed: is ready once it is open, and answers",
    says: /declares the task embed, but does not do it: .*It ended/,
  },
  {
    fault: "it never tells when it sends",
    with: sending("generate", (send) => (request, observer) => send(request, { ...observer, sent: () => {} })),
    fails: "generate: reports when a request is sent: once, and before any chunk",
    says: /observer.sent is never called/,
  },
  {
    fault: "it counts a chunk twice",
    with: sending(
      "generate",
      (send) => (request, observer) => send(request, { ...observer, chunk: (tokens) => observer.chunk(2 * tokens) }),
    ),
    fails: "generate: chunks add up to what the engine counts",
    says: /have 64 tokens, but the engine counts 32/,
  },
  {
    fault: "it stops at the end of text",
    with: sending(
      "generate",
      (send) => (request, observer) =>
        send(
          request.task === "generate" ? { ...request, outputTokens: Math.min(20, request.outputTokens) } : request,
          observer,
        ),
    ),
    fails: "generate: generates as many tokens as requested",
    says: /32 tokens were requested and 20 were generated/,
  },
  {
    fault: "it counts no prompt",
    with: completing("generate", { inputTokens: 0 }),
    fails: "generate: counts the prompt's tokens",
    says: /counts 0 tokens for a prompt that is not empty/,
  },
  {
    fault: "it holds chunks back until the end",
    with: sending("generate", (send) => (request, observer) => {
      const held: Array<number> = []
      return send(request, { ...observer, chunk: (tokens) => void held.push(tokens) }).pipe(
        Effect.tap(() => Effect.sync(() => held.forEach((tokens) => observer.chunk(tokens)))),
      )
    }),
    fails: "generate: reports chunks as they arrive",
    says: /All 32 tokens are reported at once/,
  },
  {
    fault: "it answers by chance",
    with: sending(
      "generate",
      (send) => (request, observer) =>
        Effect.map(send(request, observer), (done) => ({ ...done, text: `answer ${turn++}` })),
    ),
    fails: "generate: gives the same answer to the same request",
    says: /answered differently the second time/,
  },
  {
    fault: "it keeps prompts in a cache",
    with: completing("generate", { cachedTokens: 7 }),
    fails: "generate: finds nothing of an earlier request in a cache",
    says: /finds 7 tokens in a cache/,
  },
  {
    fault: "it leaves a text out",
    with: completing("embed", { vectors: { count: 2, dimensions: 8 } }),
    fails: "embed: returns one vector for each text, all of the same width",
    says: /2 vectors for 3 texts/,
  },
  {
    fault: "it gives vectors back unasked",
    with: sending(
      "embed",
      (send) => (request, observer) => send({ ...request, returnVectors: true } as typeof request, observer),
    ),
    fails: "embed: returns one vector for each text, all of the same width",
    says: /are returned without a request/,
  },
  {
    fault: "it counts the texts of one batch",
    with: completing("embed", { inputTokens: 1 }),
    fails: "embed: counts the texts' tokens",
    says: /counts 1 tokens in 3 texts/,
  },
  {
    fault: "its vectors are cut",
    with: sending(
      "embed",
      (send) => (request, observer) =>
        Effect.map(send(request, observer), (done) =>
          done.vectors?.base64 === undefined ? done : { ...done, vectors: { ...done.vectors, base64: "AAAA" } },
        ),
    ),
    fails: "embed: returns the vectors themselves if requested",
    says: /3 vectors of 8 dimensions are 96 bytes as float32, but base64 has 3/,
  },
  {
    fault: "it takes any request",
    with: (backend) => ({
      open: (input) =>
        Effect.gen(function* () {
          const opened = yield* backend.open(input)
          if (input.task === "embed") return opened
          const other = yield* backend.open({ ...input, task: "embed" })
          return {
            ...opened,
            send: (request, observer) => (request.task === "embed" ? other : opened).send(request, observer),
          }
        }),
    }),
    fails: "generate: refuses the task that it was not opened for",
    says: /answers a request to embed/,
  },
  {
    fault: "the engine does otherwise than asked",
    with: session("generate", ({ effective }) => ({
      effective: new Effective({ devices: effective.devices, settings: { context: 256 }, buffers: [] }),
    })),
    fails: "generate: has the requested options in effect",
    says: /context was requested as 512, effective is 256/,
  },
  {
    fault: "it does not report its effective settings",
    with: session("embed", ({ effective }) => ({
      effective: new Effective({ devices: effective.devices, settings: {}, buffers: [] }),
    })),
    fails: "embed: has the requested options in effect",
    says: /is not in effective.settings/,
  },
  {
    fault: "it is on another device",
    with: session("generate", ({ effective }) => ({
      effective: new Effective({ devices: [DeviceId.make("GPU-9")], settings: effective.settings, buffers: [] }),
    })),
    fails: "generate: is on the requested devices",
    says: /placed on cpu, but effective.devices is GPU-9/,
  },
  {
    fault: "the engine puts all on the first device, whatever it was given",
    with: (backend) => ({
      placement: { ...backend.placement, strategies: [halves] },
      open: (input) =>
        Effect.map(backend.open(input), (opened) => {
          const [first, ...others] = opened.effective.buffers
          const bytes = opened.effective.buffers.reduce((sum, buffer) => sum + buffer.bytes, 0)
          const buffers = [{ ...first!, bytes }, ...others.map((buffer) => ({ ...buffer, bytes: 0 }))]
          return input.task === "generate" ? { ...opened, effective: holding(opened, buffers) } : opened
        }),
    }),
    subject: () => ({ host: fakeHost([2 ** 35, 2 ** 35]) }),
    fails: "generate: holds on each device what its layout says",
    says: /placed as halves: .*50 % .*50 % .*; found .*100 % /,
  },
  {
    fault: "the engine leaves a device empty",
    with: (backend) => ({
      placement: { ...backend.placement, strategies: [halves] },
      open: (input) =>
        Effect.map(backend.open(input), (opened) =>
          input.task === "embed"
            ? {
                ...opened,
                effective: holding(opened, opened.effective.buffers.slice(0, 1)),
              }
            : opened,
        ),
    }),
    subject: () => ({ host: fakeHost([2 ** 35, 2 ** 35]) }),
    fails: "embed: holds on each device what its layout says",
    says: /found GPU-fake-0 100 %/,
  },
  {
    fault: "it names a process that is not ours",
    with: session("embed", () => ({ pids: [1] })),
    subject: ({ faults = {} }) => ({ faults: { ...faults, kill: faults.kill!, freeze: faults.freeze! } }),
    fails: "embed: reports running processes that were started here",
    says: /has process 1, which was not started here/,
  },
  {
    fault: "it is another engine each time that it reports itself",
    with: session("generate", () => ({
      identify: Effect.sync(() => ({ program: { version: `${turn++}` }, process: {} })),
    })),
    fails: "generate: reports the same engine each time",
    says: /session.identify reports .*, and then .* for the same engine/,
  },
  {
    fault: "it does not know its own engine",
    with: session("embed", () => ({
      identify: Effect.succeed({ program: {}, process: {}, absent: "it has forgotten" }),
    })),
    fails: "embed: reports the same engine each time",
    says: /does not know which engine answers: it has forgotten/,
  },
  {
    fault: "a request can't be interrupted",
    with: (backend) => ({
      open: (input) =>
        Effect.map(backend.open(input), (opened) => ({
          ...opened,
          send: (request, observer) =>
            request.task === "generate" && request.outputTokens > 100
              ? Effect.uninterruptible(Effect.andThen(Effect.sync(observer.sent), Effect.sleep("30 seconds"))).pipe(
                  Effect.andThen(opened.send(request, observer)),
                )
              : opened.send(request, observer),
        })),
    }),
    fails: "generate: stops an interrupted request, and answers the next",
    says: /continues for more than 5 s after it was interrupted/,
  },
  {
    fault: "it knows no deadline for opening",
    with: (backend) => ({
      open: (input) =>
        input.openTimeoutMs === 1
          ? Effect.andThen(Effect.sleep("10 seconds"), backend.open(input))
          : backend.open(input),
    }),
    fails: "keeps the deadline for opening",
    says: /though openTimeoutMs is 1/,
  },
  {
    fault: "a request outlives core's deadline",
    with: (backend) => ({
      open: (input) =>
        Effect.map(backend.open(input), (opened) => ({
          ...opened,
          send: (request, observer) =>
            Effect.suspend(() => opened.send(request, observer)).pipe((sending) =>
              frozenNow ? Effect.uninterruptible(Effect.andThen(Effect.sleep("3 seconds"), sending)) : sending,
            ),
        })),
    }),
    subject: ({ faults = {} }) => ({
      faults: {
        ...faults,
        freeze: (opened) =>
          Effect.andThen(
            faults.freeze!(opened),
            Effect.acquireRelease(
              Effect.sync(() => void (frozenNow = frozen++ === 0)),
              () => Effect.sync(() => void (frozenNow = false)),
            ),
          ),
      },
    }),
    fails: "lets core's deadline end a request to a hanging engine",
    says: /outlives core's deadline: make send interruptible/,
  },
  {
    fault: "it takes half an answer for a whole one",
    with: (backend) => {
      let reported = false
      return sending(
        "embed",
        (send) => (request, observer) =>
          Effect.catchIf(
            send(request, observer),
            ({ reason }) => !reported && reason._tag === "Crashed",
            () => Effect.sync(() => ((reported = true), {})),
          ),
      )(backend)
    },
    fails: "reports an engine killed in the middle of an answer as Crashed",
    says: /counts as having answered/,
  },
  {
    fault: "it answers for an engine that has gone",
    with: (backend) => {
      let reported = false
      return sending(
        "embed",
        (send) => (request, observer) =>
          Effect.catchIf(
            send(request, observer),
            ({ reason }) => reason._tag === "Crashed" && (reported || !(reported = true)),
            () => Effect.succeed({}),
          ),
      )(backend)
    },
    fails: "a crashed engine stays crashed",
    says: /is answered, though there is no engine/,
  },
  {
    fault: "it calls too little memory a crash",
    with: (backend) => ({
      open: (input) =>
        Effect.mapError(backend.open(input), (error) => (error.reason._tag === "OutOfMemory" ? fail(crashed) : error)),
    }),
    fails: "reports too little memory as OutOfMemory",
    says: /fails with Crashed, but must fail with OutOfMemory/,
  },
  {
    fault: "it is said to be open before it answers",
    with: (backend) => {
      let early = true
      return sending(
        "generate",
        (send) => (request, observer) =>
          early
            ? Effect.andThen(
                Effect.sync(() => void (early = false)),
                Effect.fail(fail(loading)),
              )
            : send(request, observer),
      )(backend)
    },
    fails: "generate: is ready once it is open, and answers",
    says: /It is still loading.* open must wait until the engine answers requests/,
  },
  {
    fault: "options that can't be honoured crash it",
    with: (backend) => ({
      machine: {},
      open: (input) => (input.config.unfit === undefined ? backend.open(input) : Effect.fail(fail(crashed))),
    }),
    fails: "reports unsupported options",
    says: /does not support .*Crashed.*Unsupported/,
  },
  {
    fault: "it never tells when it sends texts",
    with: sending("embed", (send) => (request, observer) => send(request, { ...observer, sent: () => {} })),
    fails: "embed: reports when a request is sent: once, and before any chunk",
    says: /observer.sent is never called/,
  },
  {
    fault: "it writes where it was opened to embed",
    with: (backend) => ({
      open: (input) =>
        Effect.gen(function* () {
          const opened = yield* backend.open(input)
          if (input.task === "generate") return opened
          const other = yield* backend.open({ ...input, task: "generate" })
          return {
            ...opened,
            send: (request, observer) => (request.task === "generate" ? other : opened).send(request, observer),
          }
        }),
    }),
    fails: "embed: refuses the task that it was not opened for",
    says: /answers a request to generate/,
  },
  {
    fault: "it embeds on another device",
    with: session("embed", ({ effective }) => ({
      effective: new Effective({ devices: [DeviceId.make("GPU-9")], settings: effective.settings, buffers: [] }),
    })),
    fails: "embed: is on the requested devices",
    says: /placed on cpu, but effective.devices is GPU-9/,
  },
  {
    fault: "it names a process that has ended",
    with: session("generate", () => ({ pids: [2 ** 22 + 1] })),
    subject: ({ faults = {} }) => ({ faults: { ...faults, kill: faults.kill!, freeze: faults.freeze! } }),
    fails: "generate: reports running processes that were started here",
    says: /has process 4194305, which does not run/,
  },
  {
    fault: "texts can't be interrupted",
    with: sending(
      "embed",
      (send) => (request, observer) =>
        request.task === "embed" && request.texts.length > 100
          ? Effect.uninterruptible(Effect.andThen(Effect.sync(observer.sent), Effect.sleep("30 seconds"))).pipe(
              Effect.andThen(send(request, observer)),
            )
          : send(request, observer),
    ),
    fails: "embed: stops an interrupted request, and answers the next",
    says: /continues for more than 5 s after it was interrupted/,
  },
]

let frozenNow = false
let frozen = 0
const CPU = DeviceId.make("cpu")
const missing = Effect.fail(fail(new NotInstalled({ detail: "There is none.", fix: "Install it." })))
const onCpu = Result.succeed([new Placement({ strategy: "cpu", devices: [CPU] })] as const)
/** Half of the model on each of the first two GPUs. */
const halves: Strategy<unknown> = {
  id: "halves",
  place: ({ demand, host }) => {
    const [first, second] = host.devices.filter(({ kind }) => kind === "gpu")
    return first === undefined || second === undefined || demand.totalBytes / 2 > (first.freeBytes ?? 0)
      ? Result.fail(new Refusal({ strategy: "halves", reason: "it takes two GPUs with room" }))
      : Result.succeed([new Placement({ strategy: "halves", devices: [first.id, second.id], split: [1, 1] })])
  },
}

/** Reads the model and not the demand. */
const onlySmall: Strategy<unknown> = {
  id: "small",
  place: ({ model }) =>
    model.weightBytes < 2 ** 40 ? onCpu : Result.fail({ strategy: "small", reason: "too large" } as never),
}
const strange: Strategy<unknown> = {
  id: "strange",
  place: ({ model }) =>
    model.weightBytes < 2 ** 40
      ? Result.succeed([new Placement({ strategy: "strange", devices: [DeviceId.make("GPU-9")] })])
      : Result.fail({ strategy: "strange", reason: "too large" } as never),
}
