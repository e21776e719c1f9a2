import {
  absent,
  type Backends,
  type Demand,
  type DeviceDemand,
  type Host,
  type Measured,
  type ModelFacts,
  placedDemand,
  type Placement,
  type PlacementRequest,
  rampOf,
  type Refusal,
  rungsOf,
  type RunRecord,
  type Runtime,
  type Scenario,
  scenarioTask,
  shortfall,
} from "@rigbook/core"
import type { Workspace } from "@rigbook/records"
import { Effect, Result } from "effect"
import { basename, relative } from "node:path"
import { type DemandSource, placeAsking } from "./AskDemand.ts"
import { expectedSeconds } from "./ExpectedTime.ts"
import { longestContext } from "./LongestContext.ts"
import { learnedOverhead, type SeenOverhead, seenOverheads } from "./Overhead.ts"
import { fetchFiles, type Input, openConfig, readPromptSets, suitsModel } from "./Plan.ts"
import { type Chosen, hostOf, placesOf } from "./PlanPlacement.ts"
import { requestIssues, weighPlacements } from "./ResolvePlacement.ts"

/** What can be said of a cell before its engine is there. */
export interface Forecast {
  readonly config: { readonly id: string; readonly name: string; readonly path: string }
  readonly backend: string
  readonly scenario: Scenario
  /** The ramp whose rung it is, by its place from 1: it is run only if none below ends that. */
  readonly rung?: { readonly place: number; readonly of: number }
  readonly requested: PlacementRequest
  readonly model: ModelFacts
  /** With the devices that the config brings. */
  readonly host: Host
  readonly runtime: Runtime | { readonly absent: string }
  /** Left out where none is possible. */
  readonly placement?: Placement
  /** By device, in the chosen placement. */
  readonly demand: ReadonlyArray<DeviceDemand>
  /** What `demand` is by: the engine's own tool, or formulas, and then why. */
  readonly demandSource: DemandSource
  /** Wherever it lies. */
  readonly whole: Demand
  /** Placements that are possible too, and strategies that have none. */
  readonly others: ReadonlyArray<Placement>
  readonly refused: ReadonlyArray<Refusal>
  /** Tokens that fit in the chosen placement, at most those that the model was trained for. */
  readonly longestContext: Measured
  /** By earlier records of such cells. */
  readonly seconds: Measured
}

/** What a forecast is made of. */
export interface ForecastInput<R> {
  readonly workspace: Workspace
  /** Paths of configs. */
  readonly configs: ReadonlyArray<string>
  readonly backends: Backends<R>
  readonly host: Host
  /** The host is only described: its engines and earlier records are not here. */
  readonly described: boolean
  readonly records: ReadonlyArray<RunRecord>
}

/**
 * What configs come to on a host: placements, memory by device, the longest context, the time. Only headers of models
 * are read, and engines need not be installed; prompt sets and traces are read as a run reads them.
 */
export const forecast = Effect.fn("Forecast.forecast")(function* <R>(all: ForecastInput<R>) {
  const seen = all.described ? [] : seenOverheads(all.records)
  const found = yield* Effect.forEach(all.configs, (path) =>
    Effect.gen(function* () {
      const { chosen, input, issues } = yield* openConfig(all.workspace, path, all.backends, all.host)
      if (input === undefined) return { forecasts: [], issues }
      yield* readPromptSets(input) // what is wrong with one would stop the run
      const forecasts = yield* Effect.forEach(chosen, (one) => forecastBackend(all, seen, input, one))
      return { forecasts: forecasts.flat(), issues: [...issues, ...input.missing] }
    }),
  )
  return {
    forecasts: found.flatMap(({ forecasts }) => forecasts),
    issues: found.flatMap(({ issues }) => issues),
  }
})

const forecastBackend = Effect.fnUntraced(function* <R>(
  { described, records, workspace }: ForecastInput<R>,
  seen: ReadonlyArray<SeenOverhead>,
  input: Input,
  chosen: Chosen<R>,
) {
  const { backend, options } = chosen
  const { config, file, issues, path } = input
  const files = yield* fetchFiles(input)
  if (files === undefined) return []
  const read = yield* Effect.result(backend.inspect({ ...files, headersOnly: true }))
  if (Result.isFailure(read)) {
    issues.push(file.issue(["source"], read.failure.message))
    return []
  }
  const model = read.success
  if (!suitsModel(input, chosen, model)) return []
  const host = hostOf(input.host, chosen)
  const runtime = described
    ? { absent: "not looked for on a host that is only described" }
    : yield* Effect.match(backend.probe(options), {
        onSuccess: (found): Forecast["runtime"] => found,
        onFailure: ({ reason }) => ({ absent: `${reason.detail} ${reason.fix}` }),
      })
  const forecasts: Array<Forecast> = []
  const scenarios = config.scenarios.flatMap((ladder) =>
    rungsOf(ladder, model.contextLength).map((scenario, at, { length }) => ({
      scenario,
      rung: rampOf(ladder) === undefined ? {} : { rung: { place: at + 1, of: length } },
    })),
  )
  for (const { rung, scenario } of scenarios) {
    if (scenarioTask(scenario) !== config.task) continue
    for (const { requested } of placesOf<PlacementRequest>(config.placement)) {
      if (requestIssues(requested, host, backend.strategies).length > 0) continue
      const whole = backend.demand(model, options, scenario)
      const learn = (demand: ReadonlyArray<DeviceDemand>, on: Placement): ReadonlyArray<DeviceDemand> =>
        "absent" in runtime
          ? demand
          : learnedOverhead(seen, { backend: backend.id, runtime, model, host, placement: on }, demand)
      const { demand, placed, source } = yield* placeAsking({
        backend,
        input: { model, config: options, scenario, host, files },
        runtime,
        learn,
        place: (demandOf) =>
          weighPlacements(requested, { host, model, demand: whole, demandOf, config: options }, backend.strategies),
        chosen: (weighed) => weighed.placement,
      })
      const { others, placement, refused } = placed
      const withContext = backend.withContext
      const fits = (tokens: number): boolean => {
        const longer = { model, config: withContext!(options, tokens), scenario, host }
        const demandOf = placedDemand(backend, longer)
        return shortfall({ host, demandOf: (on) => learn(demandOf(on), on) }, placement!) === undefined
      }
      forecasts.push({
        config: { id: basename(path).replace(/\.ya?ml$/, ""), name: config.name, path: relative(workspace.root, path) },
        backend: backend.id,
        scenario,
        ...rung,
        requested,
        model,
        host,
        runtime,
        ...(placement === undefined ? {} : { placement }),
        demand,
        demandSource: source,
        whole,
        others,
        refused,
        longestContext:
          placement === undefined
            ? absent("no placement is possible")
            : withContext === undefined
              ? absent(`${backend.id} has no such option`)
              : longestContext(model.contextLength, fits),
        seconds: described
          ? absent("nothing was measured on a host that is only described")
          : expectedSeconds(records, {
              config: basename(path).replace(/\.ya?ml$/, ""),
              backend: backend.id,
              scenario,
              protocol: config.protocol,
              host,
              placement,
            }),
      })
    }
  }
  return forecasts
})
