import { type AnyComplete, type Host, placementName, QUANTIZATIONS } from "@rigbook/core"
import { DEFAULT, type Goal, type Knob, type PlannedCell, type Setting } from "@rigbook/runner"
import { Effect, Predicate, Result, Schema } from "effect"
import { usageFailure } from "../Failure.ts"
import type { Member } from "./Member.ts"
import { type Base, type Mapping, moved, PLACEMENT, QUANTIZATION } from "./TryConfig.ts"

/** What may vary, and what its settings stand for. */
export interface Space {
  readonly base: Base
  readonly knobs: ReadonlyArray<Knob>
  /** Sentences on what is left out. */
  readonly notes: ReadonlyArray<string>
}

/** What a space is made from. */
export interface SpaceInput<R> {
  readonly members: readonly [Member, ...ReadonlyArray<Member>]
  readonly backend: AnyComplete<R>
  readonly host: Host
  readonly goal: Goal
  /** From `--vary`; empty for everything that the backend names. */
  readonly named: ReadonlyMap<string, ReadonlyArray<Setting>>
  /** Tokens of the longest request. */
  readonly context: number | undefined
  /** Requests at once; one unless given. */
  readonly streams: number | undefined
  /** Places of the first member. */
  readonly planned: PlannedCell<R> | undefined
}

/** The space of a target: files first, then where they run, then the engine's options. Fails on what can't be varied. */
export const spaceOf = Effect.fn("Space.spaceOf")(function* <R>(input: SpaceInput<R>) {
  const { backend, context, goal, members, named, planned } = input
  const [first] = members
  const given = first.config["backends"]
  const encoded = Predicate.hasProperty(given, backend.id) ? (given[backend.id] ?? {}) : {}
  const options = yield* Effect.mapError(Schema.decodeUnknownEffect(backend.config)(encoded), ({ message }) =>
    usageFailure(`${first.id}: backends.${backend.id}: ${message}`),
  )
  const wide = context === undefined ? options : backend.withContext?.(options, context)
  if (wide === undefined) return yield* usageFailure(`--context: ${backend.id} has no option for it.`)
  const { model } = first
  const isWithin = goal.kld !== undefined
  const sources = new Map<Setting, Mapping>()
  const types = named.get(QUANTIZATION) ?? []
  for (const member of members) {
    const label = labelOf(member, members)
    if (member === first || types.length === 0 || types.includes(label))
      sources.set(label, moved(sourceOf(member), member.folder, first.folder))
  }
  for (const type of yield* typesNamed(types, backend, sources)) sources.set(type, quantizedTo(first, type))
  const files: Knob = { name: QUANTIZATION, values: [...sources.keys()] as unknown as Knob["values"], lossy: true }
  const places = new Map<Setting, unknown>()
  if (planned !== undefined && "value" in planned.placement)
    for (const { devices, split, strategy, ...place } of [planned.placement.value, ...planned.others])
      places.set(placementName({ devices, strategy, ...(split === undefined ? {} : { split }), ...place }), {
        strategy,
        devices,
        ...(split === undefined ? {} : { split }),
      })
  const tunables =
    backend.tunes?.({ config: wide, model, host: input.host, task: "generate", streams: input.streams ?? 1 }) ?? []
  const place: Knob = { name: PLACEMENT, values: [DEFAULT, ...[...places.keys()].slice(1)], lossy: false }
  const known: ReadonlyArray<Knob> = [
    files,
    place,
    ...tunables.map(({ lossy, option, values }): Knob => ({ name: option, values: [DEFAULT, ...values], lossy })),
  ]
  const unknown = (named.get(PLACEMENT) ?? []).filter((name) => !places.has(name))
  if (unknown.length > 0)
    return yield* usageFailure(
      `--vary: there is no placement ${unknown.join(", ")} for this model here; known: ${[...places.keys()].join(", ") || "none"}.`,
    )
  const extra = [...named.keys()].filter((name) => known.every((knob) => knob.name !== name))
  for (const name of extra)
    if ((named.get(name) ?? []).length === 0)
      return yield* usageFailure(
        `--vary: ${backend.id} names no values of ${name}; known: ${known.map((knob) => knob.name).join(", ")}. Write its values: --vary ${name}=1,2`,
      )
  const chosen = [...known, ...extra.map((name): Knob => ({ name, values: [DEFAULT], lossy: false }))]
    .filter(({ name }) => named.size === 0 || named.has(name))
    .map((knob): Knob => {
      const values = named.get(knob.name) ?? []
      return knob === files || values.length === 0 ? knob : { ...knob, values: [DEFAULT, ...values] }
    })
  const lossy = chosen.filter((knob) => knob.lossy && knob.values.length > 1).map(({ name }) => name)
  const refused = isWithin ? [] : lossy.filter((name) => named.has(name))
  if (refused.length > 0)
    return yield* usageFailure(
      `${refused.join(" and ")} may change answers: say how much may be lost, such as --kld 0.05 (nats).`,
    )
  const base: Base = {
    config: first.config,
    folder: first.folder,
    backend: backend.id,
    options: context === undefined ? {} : changed(backend, options, wide),
    sources,
    placements: places,
  }
  return {
    base,
    knobs: chosen.filter(({ lossy: changes, values }) => values.length > 1 && (isWithin || !changes)),
    notes:
      isWithin || lossy.length === 0
        ? []
        : [`${lossy.join(" and ")} may change answers and stay unchanged: --kld says how much may be lost.`],
  } satisfies Space
})

const labelOf = (member: Member, members: ReadonlyArray<Member>): string => {
  const { quantization } = member.model
  return members.filter(({ model }) => model.quantization === quantization).length > 1 ? member.id : quantization
}

const sourceOf = ({ config }: Member): Mapping =>
  Predicate.isObject(config["source"]) ? (config["source"] as Mapping) : {}

/** Types to quantize to, beside the files that are there. */
const typesNamed = Effect.fnUntraced(function* <R>(
  named: ReadonlyArray<Setting>,
  { id, quantizes }: AnyComplete<R>,
  sources: ReadonlyMap<Setting, Mapping>,
) {
  const fresh = named.filter((type) => !sources.has(type))
  const known: ReadonlyArray<Setting> = QUANTIZATIONS
  const wrong = fresh.find((type) => !known.includes(type))
  if (fresh.length > 0 && !quantizes) return yield* usageFailure(`--vary quantization: ${id} can't quantize models.`)
  if (wrong !== undefined)
    return yield* usageFailure(`--vary quantization: "${wrong}" is no type; known: ${QUANTIZATIONS.join(", ")}`)
  return fresh
})

const quantizedTo = (member: Member, to: Setting): Mapping => {
  const source = sourceOf(member)
  const { quantized } = source
  const from = Predicate.hasProperty(quantized, "from") ? quantized.from : source
  return { quantized: { from, to } }
}

/** Keys of the options that the context changed, as a config has them. */
const changed = <R>({ config }: AnyComplete<R>, before: unknown, after: unknown): Mapping => {
  const [was, is] = [before, after].map((options) => Result.getOrThrow(Schema.encodeUnknownResult(config)(options)))
  if (!Predicate.isObject(is)) return {}
  return Object.fromEntries(
    Object.entries(is).filter(([key, value]) => !Predicate.hasProperty(was, key) || was[key] !== value),
  )
}
