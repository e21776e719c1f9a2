import {
  type AnyComplete,
  type Host,
  ModelConfig,
  type ModelFacts,
  type ModelFiles,
  type RunRecord,
  type Scenario,
  scenarioTask,
  Vendors,
} from "@rigbook/core"
import { parseConfigFile, syntheticSet } from "@rigbook/records"
import { Effect, Schema } from "effect"
import type { RatesByName } from "../host/Rates.ts"
import { presentVendors } from "../vendors/Vendors.ts"
import { assemblePlan } from "./Assemble.ts"
import type { EngineFacts, Facts, Problems, Reach } from "./Facts.ts"
import { gatherEngine } from "./GatherEngine.ts"
import { speedsByBackend } from "./ObservedSpeeds.ts"
import { observedOverheads } from "./Overhead.ts"
import type { Plan } from "./Plan.ts"
import type { PlannedCell } from "./PlannedCell.ts"
import { settle } from "./Settle.ts"

/** What is to be planned of a model that no config names. */
interface Wanted<R> {
  readonly backend: AnyComplete<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  readonly scenario: Scenario
  readonly host: Host
}

/** A model whose facts are there. */
export interface ModelToPlan<R> extends Wanted<R> {
  readonly model: ModelFacts
  /** Left out: no speed is estimated. */
  readonly rates?: RatesByName
}

/** The cell that a config of this model alone would give, from its headers: the same plan, from given facts. Pure. */
export const planModel = <R>(wanted: ModelToPlan<R>): PlannedCell<R> => {
  const { backend, host, model, options, rates = new Map(), scenario } = wanted
  const files = { absent: "they are only inspected" }
  const engine = { backend, options, host, model, files, runtime: files, unusable: [], answers: new Map() }
  const facts = factsOf<R>({ name: model.architecture, path: model.architecture, scenario, reach: "headers" })
  return assemblePlan({ ...facts, rates, engines: [engine] }).cells[0]!
}

/** A model's files, and how they are planned. */
export interface FilesToPlan<R> extends Wanted<R> {
  readonly name: string
  readonly files: ModelFiles
  /** `whole` is for configs: nothing is run of what none names. */
  readonly reach: Exclude<Reach, "whole">
  /** Earlier ones: overheads and speeds are learned from them. */
  readonly records: ReadonlyArray<RunRecord>
  readonly rates: RatesByName
}

/** The plan that a config of these files alone would give. */
export const planFiles = Effect.fn("PlanModel.planFiles")(function* <R>(input: FilesToPlan<R>) {
  const { backend, files, host, name, options, rates, reach, records, scenario } = input
  const found: Problems = { issues: [], missing: [] }
  const facts = { ...factsOf<R>({ name, path: files.path, scenario, reach }), ...found, records, rates }
  const { config, file } = facts
  const engine = yield* gatherEngine(
    { reach, file, config: config!, files, folder: ".", found },
    { backend, options, host },
  ).pipe(Effect.provideService(Vendors, reach === "headers" ? [] : yield* presentVendors))
  const overheads = reach === "headers" ? [] : observedOverheads(records)
  const engines: ReadonlyArray<EngineFacts<R>> = engine === undefined ? [] : [engine]
  const speeds = speedsByBackend(engines, { records, rates })
  const { cells, unplaced } = assemblePlan(yield* settle({ ...facts, overheads, speeds, engines }))
  return { cells, issues: [...found.issues, ...unplaced], missing: found.missing } satisfies Omit<Plan<R>, "invalid">
})

interface Named extends Pick<Facts, "reach" | "path"> {
  readonly name: string
  readonly scenario: Scenario
}

const factsOf = <R>({ name, path, reach, scenario }: Named): Facts<R> => ({
  reach,
  id: name,
  path,
  file: parseConfigFile("", name),
  config: decodeConfig({ name, task: scenarioTask(scenario), source: { path }, backends: {}, scenarios: [scenario] }),
  prompts: new Map([[0, syntheticSet]]),
  engines: [],
  overheads: [],
  records: [],
  rates: new Map(),
  speeds: new Map(),
  issues: [],
  missing: [],
})

const decodeConfig = Schema.decodeUnknownSync(ModelConfig)
