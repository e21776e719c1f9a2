import {
  CPU,
  type DeviceDemand,
  type Host,
  ifItFits,
  type Placement,
  type PlacementRequest,
  PluginError,
  type PromptSet,
  type Ramp,
  rampOf,
  Refusal,
  rungsOf,
  type Scenario,
  scenarioTask,
  type Strategy,
  type ReportedDemand,
} from "@rigbook/core"
import { Result, SchemaIssue } from "effect"
import { type EngineFacts, type Facts, type Question, questionKey, type Reference } from "./Facts.ts"
import { whyLeftOut, whyTooLong } from "./IfItFits.ts"
import { valueOf } from "./Known.ts"
import { learnedOverhead } from "./Overhead.ts"
import { placesOf } from "./PlanPlacement.ts"
import { requestIssues, resolvePlacement, type Weighed, weighPlacements } from "./ResolvePlacement.ts"
import { forBackend } from "./Served.ts"
import { truly, usableHost, whyBarred } from "./Usable.ts"

/** A scenario in a placement that the config requests. */
export interface PlacedCell {
  readonly scenario: Scenario
  /** Index among the config's scenarios. */
  readonly index: number
  /** It is left out where it does not fit; for others that is an error. */
  readonly optional: boolean
  readonly prompts: PromptSet
  /** The ramp whose rung it is, with all its rungs. */
  readonly ramp?: { readonly ramp: Ramp; readonly rungs: ReadonlyArray<Scenario>; readonly at: number }
  readonly requested: PlacementRequest
  /** Its path in the config. */
  readonly at: ReadonlyArray<string | number>
  readonly weighed: Weighed
  /** What each device of a placement needs, from everything known. */
  readonly demandOf: (placement: Placement) => ReadonlyArray<DeviceDemand>
  /** Where it would be put on another host. */
  readonly placeOn: (host: Host) => Placement | undefined
}

/** Places each scenario of a config wherever the config requests, in one of its engines. Pure. */
export const placeCells = <R>(facts: Facts<R>, engine: EngineFacts<R>): ReadonlyArray<PlacedCell> => {
  const { config, prompts } = facts
  if (config === undefined) return []
  const { backend, host, model, options, unusable } = engine
  const places = placesOf<PlacementRequest>(config.placement).filter(
    ({ requested }) => requestIssues(requested, host, backend.strategies).length === 0,
  )
  const scenarios = config.scenarios.flatMap((ladder, index) => {
    const set = prompts.get(index)
    if (set === undefined || scenarioTask(ladder) !== config.task) return []
    const rungs = rungsOf(ladder, model.contextLength)
    const ramp = rampOf(ladder)
    const optional = ifItFits(ladder)
    return rungs
      .map((scenario, at) => ({
        scenario,
        index,
        optional,
        prompts: set,
        ...(ramp === undefined ? {} : { ramp: { ramp, rungs, at } }),
      }))
      .filter(({ scenario }) => engine.isFor?.(scenario, index) !== false)
  })
  return scenarios.flatMap((one) => {
    const { optional, scenario } = one
    // Made-up texts have their lengths in the scenario.
    const texts = one.prompts.prompts.length === 0 ? {} : { promptSet: one.prompts }
    const demand = backend.demand(forBackend(model), options, scenario, texts.promptSet)
    const inputOn = (on: Host) => {
      const demandOf = (placement: Placement): ReadonlyArray<DeviceDemand> => {
        const answer = answerTo(engine, { scenario, placement })
        const own =
          answer !== undefined && "by" in answer
            ? answer.demand
            : backend.demandOf({ model: forBackend(model), config: options, scenario, host: on, placement, ...texts })
        return withReference(engine.references?.get(one.index), withLearned(facts, engine, placement, own))
      }
      return { host: on, model: forBackend(model), demand, demandOf, config: options }
    }
    const input = inputOn(usableHost(engine))
    const strategies = backend.strategies.map((strategy) => heeding(strategy, engine, scenario))
    return places.map(({ at, requested }) => {
      const barred = whyBarred(requested, engine) ?? (optional ? whyLeftOut(engine, scenario) : undefined)
      const found = barred === undefined ? weighPlacements(requested, input, strategies) : nowhere(requested, barred)
      const placed = valueOf(found.placement)
      const on = optional ? placed : undefined
      const whyNot =
        (placed === undefined ? undefined : whyTooFew(placed, facts.nodes)) ??
        (on === undefined ? undefined : whyTooLong(engine, scenario, on, host, config.protocol))
      const weighed = whyNot === undefined ? found : nowhere(requested, whyNot)
      const placeOn = (on: Host) =>
        barred === undefined
          ? Result.getOrElse(
              resolvePlacement(requested, inputOn(usableHost({ host: on, unusable })), strategies),
              () => undefined,
            )
          : undefined
      return { ...one, requested, at, demandOf: input.demandOf, weighed, placeOn }
    })
  })
}

/** Why a placement needs more machines than a unit can have; `undefined` if it does not. */
const whyTooFew = ({ nodes = 1 }: Placement, most = Infinity): string | undefined =>
  nodes <= most
    ? undefined
    : `it needs ${nodes} machines, and a unit has ${most} there: run it on a cluster, whose launcher gives a unit several (docs/hosts.md)`

/** Nowhere, for a reason that is known before anything is weighed. */
const nowhere = (requested: PlacementRequest, reason: string): Weighed => {
  const strategy = typeof requested === "string" ? requested : requested.strategy
  return { placement: { absent: reason }, others: [], refused: [new Refusal({ strategy, reason })] }
}

const formatIssue = SchemaIssue.makeFormatterDefault()

/**
 * What a backend computes; nothing where it can't, such as for a model of more bytes than there are exact numbers, and
 * then `report` is called with why.
 */
export const computed = <A>(make: () => ReadonlyArray<A>, report: (why: string) => void): ReadonlyArray<A> => {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof PluginError) throw cause // which says whose mistake it is
    // What a schema expected is the cause of the error that is thrown.
    const { cause: inner, message } = cause instanceof Error ? cause : new Error(String(cause))
    const why = (SchemaIssue.isIssue(inner) ? formatIssue(inner) : message).split("\n")[0]!
    report(`what the model needs can't be computed: ${why}. Check the sizes in the options and in the model's files.`)
    return []
  }
}

/** Questions to the engine's own tool that are open: their answers may change the plan of these facts. Pure. */
export const openQuestions = <R>(facts: Facts<R>, engine: EngineFacts<R>): ReadonlyArray<Question> => {
  if (engine.backend.askDemand === undefined || "absent" in engine.runtime || "absent" in engine.files) return []
  // A plan that can't be made is reported where it is assembled.
  const questions = computed(
    () => placeCells(facts, engine),
    () => {},
  ).flatMap(({ scenario, weighed }) => {
    const placement = valueOf(weighed.placement)
    return placement === undefined || answerTo(engine, { scenario, placement }) !== undefined
      ? []
      : [{ scenario, placement }]
  })
  return [...new Map(questions.map((question) => [questionKey(question), question])).values()]
}

export const answerTo = <R>({ answers }: EngineFacts<R>, question: Question): ReportedDemand | undefined =>
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

/** The processor's memory also holds the reference. */
const withReference = (
  reference: Reference | undefined,
  demand: ReadonlyArray<DeviceDemand>,
): ReadonlyArray<DeviceDemand> =>
  demand.map(({ device, parts }) =>
    reference === undefined || device !== CPU
      ? { device, parts }
      : { device, parts: [...parts, { ...REFERENCE, bytes: reference.model.weightBytes }] },
  )
const REFERENCE = {
  name: "weights of the reference",
  basis: "exact",
  formula: "as in its file",
} as const

/** A strategy without the placements that the engine has refused. */
const heeding = <Config, R>(
  strategy: Strategy<Config>,
  engine: EngineFacts<R>,
  scenario: Scenario,
): Strategy<Config> => ({
  ...strategy,
  place: (input) =>
    Result.flatMap(
      Result.mapError(strategy.place(input), (refusal) => truly(refusal, engine, input.host)),
      (placements) => {
        const refusals = placements.map((placement) => {
          const answer = answerTo(engine, { scenario, placement })
          return answer !== undefined && "refused" in answer ? answer.refused : undefined
        })
        const [first, ...rest] = placements.filter((_, index) => refusals[index] === undefined)
        return first === undefined
          ? Result.fail(new Refusal({ strategy: strategy.id, reason: refusals[0]! }))
          : Result.succeed([first, ...rest] as const)
      },
    ),
})
