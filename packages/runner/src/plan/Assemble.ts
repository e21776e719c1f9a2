import {
  absent,
  isServed,
  kindOf,
  markedName,
  type Measured,
  type Placement,
  PluginError,
  Refusal,
  type Scenario,
  shortfall,
} from "@rigbook/core"
import type { ConfigIssue } from "@rigbook/records"
import { cellSpeed } from "./CellSpeed.ts"
import { expectedTime } from "./ExpectedTime.ts"
import type { EngineFacts, Facts } from "./Facts.ts"
import { fitOf } from "./Fit.ts"
import { guessTime } from "./GuessTime.ts"
import { valueOf } from "./Known.ts"
import { longestContext } from "./LongestContext.ts"
import { makeCell } from "./MakeCell.ts"
import { answerTo, computed, type PlacedCell, placeCells, withLearned } from "./PlaceCells.ts"
import type { PlannedCell } from "./PlannedCell.ts"
import type { Speed } from "./Speed.ts"
import { addOnce } from "./PlanPlacement.ts"
import { forBackend } from "./Served.ts"

/** The plan of one config. */
export interface Assembled<R = never> {
  readonly cells: ReadonlyArray<PlannedCell<R>>
  /** Requested placements that are not possible. */
  readonly unplaced: ReadonlyArray<ConfigIssue>
  /** Backends whose plugin threw an error. */
  readonly broken: ReadonlyArray<ConfigIssue>
}

/** The plan of a config: a function of the facts alone, so the same facts give the same plan. Pure. */
export const assemblePlan = <R>(facts: Facts<R>): Assembled<R> => {
  const unplaced: Array<ConfigIssue> = []
  const broken: Array<ConfigIssue> = []
  const cells = facts.engines.flatMap((engine) => {
    const issue = (why: string) => facts.file.issue(["backends", engine.backend.id], why)
    try {
      return computed(
        () =>
          placeCells(facts, engine).map((placed) => {
            const { placement } = placed.weighed
            if ("absent" in placement && !placed.optional)
              addOnce(unplaced, facts.file.issue(placed.at, placement.absent))
            return describe(facts, engine, placed)
          }),
        (why) => addOnce(unplaced, issue(why)),
      )
    } catch (error) {
      if (!(error instanceof PluginError)) throw error
      broken.push(issue(error.message))
      return []
    }
  })
  return { cells, unplaced, broken }
}

const describe = <R>(facts: Facts<R>, engine: EngineFacts<R>, placed: PlacedCell): PlannedCell<R> => {
  const { backend, failure, host, model, options, runtime, unusable } = engine
  const { optional, ramp, requested, scenario, weighed } = placed
  const { others, placement } = weighed
  const on = valueOf(placement)
  const observed = facts.speeds.get(backend.id) ?? []
  const demand = on === undefined || isServed(model) ? [] : placed.demandOf(on)
  const longest = longestIn(facts, engine, placed, on)
  const config = { id: facts.id, name: markedName(facts.config!.name, model), path: facts.path }
  const fast = isServed(model)
    ? { speed: SERVED_SPEED }
    : cellSpeed(
        { backend, options, model, scenario, host, config: facts.id, observed, rates: facts.rates },
        on,
        longest,
      )
  return {
    config,
    backend: backend.id,
    scenario,
    ...(ramp === undefined ? {} : { rung: { place: ramp.at + 1, of: ramp.rungs.length } }),
    ...(optional ? { optional } : {}),
    requested,
    model,
    host,
    runtime,
    ...(failure === undefined ? {} : { failure }),
    unusable,
    placement,
    demand,
    demandSource: isServed(model) ? { absent: "its server holds the model" } : sourceOf(engine, scenario, on),
    whole: backend.demand(forBackend(model), options, scenario),
    others,
    refused: [...weighed.refused, ...(requested === "auto" ? refusedBefore(engine, placed) : [])],
    fit: fitOf(engine, placed),
    longestContext: longest,
    ...fast,
    time: timeOf(facts, engine, placed, fast.speed),
    cell: makeCell(facts, engine, placed, { config, demand }),
  }
}

const unread = "a server does not report what it reads for a token"
const SERVED_SPEED: Speed = { decode: { absent: unread }, prompt: absent(unread), measured: absent(unread) }

const NOWHERE = "no placement is possible"

const timeOf = <R>(
  { config, id, rates, reach, records }: Facts<R>,
  { backend, host, model, references }: EngineFacts<R>,
  { index, prompts, scenario, weighed }: PlacedCell,
  speed: Speed,
): PlannedCell["time"] => {
  if (reach === "headers") return { absent: "a host that is only described has no records" }
  const placement = valueOf(weighed.placement)
  if (placement === undefined) return { absent: NOWHERE }
  const protocol = { ...config!.protocol, ...kindOf(scenario).repetition?.(scenario) }
  const reference = references?.get(index)?.model
  const about = { scenario, prompts, model, ...(reference === undefined ? {} : { reference }), host, placement }
  return expectedTime(
    records,
    { config: id, backend: backend.id, model, scenario, protocol, host, placement },
    (trials) => guessTime({ ...about, rates, speed }, trials),
  )
}

const sourceOf = <R>(
  engine: EngineFacts<R>,
  scenario: Scenario,
  placement: Placement | undefined,
): PlannedCell["demandSource"] => {
  if (placement === undefined) return { absent: NOWHERE }
  const answer = answerTo(engine, { scenario, placement })
  if (answer !== undefined)
    return "by" in answer ? { by: answer.by } : { absent: "absent" in answer ? answer.absent : answer.refused }
  if ("absent" in engine.runtime) return engine.runtime
  if (engine.backend.askDemand === undefined) return { absent: `${engine.backend.id} has no such tool` }
  return "absent" in engine.files ? engine.files : { absent: "the engine's tool was not run" }
}

/** Placements refused by the engine, of strategies that have others. */
const refusedBefore = <R>({ answers }: EngineFacts<R>, { scenario, weighed }: PlacedCell): ReadonlyArray<Refusal> =>
  [...answers.values()].flatMap(({ answer, question }) =>
    !("refused" in answer) ||
    JSON.stringify(question.scenario) !== JSON.stringify(scenario) ||
    weighed.refused.some(({ strategy }) => strategy === question.placement.strategy)
      ? []
      : [new Refusal({ strategy: question.placement.strategy, reason: answer.refused })],
  )

const longestIn = <R>(
  facts: Facts<R>,
  engine: EngineFacts<R>,
  { scenario }: PlacedCell,
  placement: Placement | undefined,
): Measured => {
  const { backend, host, model, options } = engine
  const { withContext } = backend
  if (placement === undefined) return absent(NOWHERE)
  if (withContext === undefined) return absent(`${backend.id} has no such option`)
  return longestContext(model.contextLength, (tokens) => {
    const config: unknown = withContext(options, tokens)
    const demandOf = (on: Placement) =>
      withLearned(
        facts,
        engine,
        on,
        backend.demandOf({ model: forBackend(model), config, scenario, host, placement: on }),
      )
    return shortfall({ host, demandOf }, placement) === undefined
  })
}
