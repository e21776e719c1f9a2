import {
  type DeviceDemand,
  type Placement,
  type PlacementRequest,
  type PromptSet,
  type Ramp,
  rampOf,
  Refusal,
  rungsOf,
  type Scenario,
  scenarioTask,
  type Strategy,
  type ToldDemand,
} from "@rigbook/core"
import { Result } from "effect"
import { type EngineFacts, type Facts, type Question, questionKey } from "./Facts.ts"
import { valueOf } from "./Known.ts"
import { learnedOverhead } from "./Overhead.ts"
import { placesOf } from "./PlanPlacement.ts"
import { requestIssues, type Weighed, weighPlacements } from "./ResolvePlacement.ts"

/** A scenario in a placement that the config requests. */
export interface PlacedCell {
  readonly scenario: Scenario
  readonly prompts: PromptSet
  /** The ramp whose rung it is, with all its rungs. */
  readonly ramp?: { readonly ramp: Ramp; readonly rungs: ReadonlyArray<Scenario>; readonly at: number }
  readonly requested: PlacementRequest
  /** Its path in the config. */
  readonly at: ReadonlyArray<string | number>
  readonly weighed: Weighed
  /** What each device of a placement needs, from everything known. */
  readonly demandOf: (placement: Placement) => ReadonlyArray<DeviceDemand>
}

/** Places each scenario of a config wherever the config requests, in one of its engines. Pure. */
export const placeCells = <R>(facts: Facts<R>, engine: EngineFacts<R>): ReadonlyArray<PlacedCell> => {
  const { config, prompts } = facts
  if (config === undefined) return []
  const { backend, host, model, options } = engine
  const places = placesOf<PlacementRequest>(config.placement).filter(
    ({ requested }) => requestIssues(requested, host, backend.strategies).length === 0,
  )
  const scenarios = config.scenarios.flatMap((ladder, index) => {
    const set = prompts.get(index)
    if (set === undefined || scenarioTask(ladder) !== config.task) return []
    const rungs = rungsOf(ladder, model.contextLength)
    const ramp = rampOf(ladder)
    return rungs.map((scenario, at) => ({
      scenario,
      prompts: set,
      ...(ramp === undefined ? {} : { ramp: { ramp, rungs, at } }),
    }))
  })
  return scenarios.flatMap((one) => {
    const { scenario } = one
    const demandOf = (placement: Placement): ReadonlyArray<DeviceDemand> => {
      const answer = answerTo(engine, { scenario, placement })
      return withLearned(
        facts,
        engine,
        placement,
        answer !== undefined && "by" in answer
          ? answer.demand
          : backend.demandOf({ model, config: options, scenario, host, placement }),
      )
    }
    const input = { host, model, demand: backend.demand(model, options, scenario), demandOf, config: options }
    const strategies = backend.strategies.map((strategy) => heeding(strategy, engine, scenario))
    return places.map(({ at, requested }) => {
      const weighed = weighPlacements(requested, input, strategies)
      return { ...one, requested, at, demandOf, weighed }
    })
  })
}

/** Questions to the engine's own tool that are open: their answers may change the plan of these facts. Pure. */
export const openQuestions = <R>(facts: Facts<R>, engine: EngineFacts<R>): ReadonlyArray<Question> => {
  if (engine.backend.askDemand === undefined || "absent" in engine.runtime || "absent" in engine.files) return []
  const questions = placeCells(facts, engine).flatMap(({ scenario, weighed }) => {
    const placement = valueOf(weighed.placement)
    return placement === undefined || answerTo(engine, { scenario, placement }) !== undefined
      ? []
      : [{ scenario, placement }]
  })
  return [...new Map(questions.map((question) => [questionKey(question), question])).values()]
}

export const answerTo = <R>({ answers }: EngineFacts<R>, question: Question): ToldDemand | undefined =>
  answers.get(questionKey(question))?.answer

/** Applies what is learned from earlier records to an estimate. */
export const withLearned = <R>(
  { overheads }: Facts<R>,
  { backend, host, model, runtime }: EngineFacts<R>,
  placement: Placement,
  demand: ReadonlyArray<DeviceDemand>,
): ReadonlyArray<DeviceDemand> =>
  "absent" in runtime
    ? demand
    : learnedOverhead(overheads, { backend: backend.id, runtime: runtime.value, model, host, placement }, demand)

/** A strategy without the placements that the engine has refused. */
const heeding = <Config, R>(
  strategy: Strategy<Config>,
  engine: EngineFacts<R>,
  scenario: Scenario,
): Strategy<Config> => ({
  ...strategy,
  place: (input) =>
    Result.flatMap(strategy.place(input), (placements) => {
      const refusals = placements.map((placement) => {
        const answer = answerTo(engine, { scenario, placement })
        return answer !== undefined && "refused" in answer ? answer.refused : undefined
      })
      const [first, ...rest] = placements.filter((_, index) => refusals[index] === undefined)
      return first === undefined
        ? Result.fail(new Refusal({ strategy: strategy.id, reason: refusals[0]! }))
        : Result.succeed([first, ...rest] as const)
    }),
})
