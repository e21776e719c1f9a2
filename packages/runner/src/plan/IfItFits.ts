import {
  CPU,
  type Host,
  ifItFits,
  isServed,
  kindOf,
  type ModelConfig,
  type Placement,
  rungsOf,
  type Scenario,
} from "@rigbook/core"
import type { EngineFacts } from "./Facts.ts"

/**
 * An engine once for the scenarios that share its options, and once more for each rung that is run only if it fits, with as
 * much context as that needs. Pure.
 */
export const byContext = <R>(engine: EngineFacts<R>, { scenarios }: ModelConfig): ReadonlyArray<EngineFacts<R>> => {
  const { backend, model, options } = engine
  const { withContext } = backend
  const optional = scenarios.flatMap((ladder, index) => (ifItFits(ladder) ? [{ ladder, index }] : []))
  if (optional.length === 0) return [engine]
  const rungs = optional.flatMap(({ index, ladder }) =>
    rungsOf(ladder, model.contextLength).map((rung) => {
      const tokens = Math.min(kindOf(rung).contextOf?.(rung).enough ?? Infinity, model.contextLength ?? Infinity)
      const raised: unknown =
        withContext === undefined || isServed(model) || !Number.isFinite(tokens)
          ? options
          : withContext(options, tokens)
      const name = JSON.stringify(rung)
      return {
        ...engine,
        options: raised,
        isFor: (scenario: Scenario, at: number) => at === index && JSON.stringify(scenario) === name,
      }
    }),
  )
  const isShared = (_: Scenario, at: number): boolean => optional.every(({ index }) => index !== at)
  return [{ ...engine, isFor: isShared }, ...rungs]
}

/**
 * Operations a second of a logical core: two fused multiplications and additions of eight numbers (AVX2) at 3 GHz. Engines reach
 * a part of it; those that use AVX-512 or AMX may do more, so what follows is an estimate.
 */
const CORE = 100e9

/** Why a scenario that is run only if it fits is left out, whatever the memory; `undefined` if it is not. Pure. */
export const whyLeftOut = <R>({ model }: EngineFacts<R>, scenario: Scenario): string | undefined => {
  const { least } = kindOf(scenario).contextOf?.(scenario) ?? {}
  return least === undefined || model.contextLength === undefined || least <= model.contextLength
    ? undefined
    : `it takes ${least} tokens, the model was trained for ${model.contextLength}`
}

/**
 * Why a scenario that is run only if it fits is left out in a placement: by estimate, the processor would compute longer than
 * a request may last. Pure.
 */
export const whyTooLong = <R>(
  { model }: EngineFacts<R>,
  scenario: Scenario,
  placement: Placement,
  { cpu }: Host,
  { requestTimeoutMs }: ModelConfig["protocol"],
): string | undefined => {
  const { least } = kindOf(scenario).contextOf?.(scenario) ?? {}
  const isOnProcessor = placement.devices.every((device) => device === CPU)
  if (least === undefined || model.parameters === undefined || !isOnProcessor) return undefined
  const experts = model.experts === undefined ? 1 : (model.expertsUsed ?? 1) / model.experts
  const seconds = (2 * model.parameters * experts * least) / (CORE * cpu.logicalCores)
  return seconds * 1000 <= requestTimeoutMs
    ? undefined
    : `${cpu.logicalCores} cores take about ${Math.ceil(seconds / 60)} min to read ${least} tokens, a request may take ${Number((requestTimeoutMs / 60_000).toPrecision(3))} min (protocol.requestTimeoutMs)`
}
