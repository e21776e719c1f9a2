import { ModelFacts, type Task } from "@rigbook/core"
import { Effect, Result, Schema, type Scope } from "effect"
import { isDeepStrictEqual } from "node:util"
import { type Case, must, Nonconformity } from "../Conformance.ts"
import { FAKE_HOSTS } from "../FakeHosts.ts"
import { type Bench, planningInput } from "./Bench.ts"

/** What is pure in a backend: options, demand and placements. No engine is started. */
export const planningCases = <R>(bench: Bench<R>): ReadonlyArray<Case<R | Scope.Scope>> => {
  const { backend } = bench
  const [task = "generate"]: ReadonlyArray<Task> = backend.tasks

  const optionsComeBack = Effect.gen(function* () {
    const { options } = yield* bench.subject
    const read = Schema.decodeUnknownEffect(backend.config)
    const config = yield* read(options).pipe(reported("The backend's own schema refuses the subject's options"))
    const written = yield* Schema.encodeEffect(backend.config)(config).pipe(
      reported("Decoded options can't be encoded"),
    )
    const again = yield* read(JSON.parse(JSON.stringify(written))).pipe(
      reported("Options that the backend has encoded itself can't be decoded again"),
    )
    yield* must(
      isDeepStrictEqual(config, again),
      `Options change when they are written to a record and read again: ${show(config)} became ${show(again)}. Encode what you decode, as JSON.`,
    )
  })

  /** The plans for every fake host, and this one. */
  const planned = Effect.gen(function* () {
    const [config, model, here] = [yield* bench.config, yield* bench.model, yield* bench.host]
    const hosts = [...Object.values(FAKE_HOSTS), here]
    return hosts.map((host) => {
      const input = planningInput(backend, host, model, config, task)
      const places = backend.strategies.map((strategy) => {
        const placed = strategy.place(input)
        const on = Result.isSuccess(placed) ? placed.success : []
        const settings = on.map((placement) => [
          backend.requested(config, placement),
          backend.layout?.(model, config, placement),
        ])
        return { strategy: strategy.id, placed, settings }
      })
      return { host, demand: input.demand, places }
    })
  })

  const samePlan = Effect.gen(function* () {
    const before = show([yield* bench.model, yield* bench.config])
    const [first, second] = [yield* planned, yield* planned]
    for (const [index, { demand, places }] of first.entries()) {
      const other = second[index]!
      yield* must(
        isDeepStrictEqual(demand, other.demand),
        `The same model needs ${demand.totalBytes} bytes at first and then ${other.demand.totalBytes}: demand must be pure.`,
      )
      for (const [at, { settings, placed, strategy }] of places.entries()) {
        const again = other.places[at]
        yield* must(
          isDeepStrictEqual(placed, again?.placed),
          `Strategy ${strategy} places the same model differently the second time: ${show(placed)}, then ${show(again?.placed)}. It must be pure.`,
        )
        yield* must(
          isDeepStrictEqual(settings, again?.settings),
          `What is requested of the engine differs the second time: ${show(settings)}, then ${show(again?.settings)}. requested and layout must be pure.`,
        )
      }
    }
    yield* must(
      show([yield* bench.model, yield* bench.config]) === before,
      "Planning changed the model's facts or the options that it got: don't change your input.",
    )
  })

  const demandIsNamed = Effect.gen(function* () {
    for (const { demand } of yield* planned) {
      yield* must(demand.parts.length > 0, "The demand has no parts: name at least the weights.")
      for (const { bytes, name } of demand.parts)
        yield* must(bytes >= 0, `The demand's part "${name}" is ${bytes} bytes: memory is never negative.`)
    }
  })

  const knownDevices = Effect.gen(function* () {
    for (const { host, places } of yield* planned)
      for (const { placed, strategy } of places) {
        if (Result.isFailure(placed)) continue
        const known = host.devices.map(({ id }) => id)
        const strange = placed.success.flatMap(({ devices }) => devices).find((id) => !known.includes(id))
        yield* must(
          strange === undefined,
          `Strategy ${strategy} places on ${strange}, which host ${host.fingerprint} does not have: take devices from input.host only.`,
        )
      }
  })

  const refusesGiants = Effect.gen(function* () {
    const [config, model] = [yield* bench.config, yield* bench.model]
    const giant = enlarged(model, Math.ceil(2 ** 50 / model.weightBytes))
    for (const host of Object.values(FAKE_HOSTS)) {
      const input = planningInput(backend, host, giant, config, task)
      for (const strategy of backend.strategies)
        yield* must(
          Result.isFailure(strategy.place(input)),
          `Strategy ${strategy.id} finds room for a model of 1 PiB on host ${host.fingerprint}: fail with a Refusal if the demand exceeds free memory.`,
        )
    }
  })

  return [
    { name: "options are unchanged after writing and reading", check: optionsComeBack },
    { name: "demand has named parts, none negative", check: demandIsNamed },
    { name: "the same input gives the same plan twice", check: samePlan },
    { name: "places on devices of the host only", check: knownDevices },
    { name: "refuses what fits nowhere", check: refusesGiants },
  ]
}

/** The same model, this many times as large. */
const enlarged = (model: ModelFacts, times: number): ModelFacts => {
  const { experts, input, layers, output, tied } = model.tensorBytes ?? { input: 0, layers: [], output: 0, tied: false }
  const larger = (bytes: number): number => bytes * times
  return new ModelFacts({
    ...Schema.encodeSync(ModelFacts)(model),
    parameters: larger(model.parameters),
    weightBytes: larger(model.weightBytes),
    fileBytes: larger(model.fileBytes),
    ...(model.tensorBytes === undefined
      ? {}
      : {
          tensorBytes: {
            input: larger(input),
            layers: layers.map(larger),
            ...(experts === undefined ? {} : { experts: experts.map(larger) }),
            output: larger(output),
            tied,
          },
        }),
  })
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value)

const reported =
  (what: string) =>
  <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.mapError(effect, ({ message }) => new Nonconformity({ sentence: `${what}: ${message}` }))
