import { type AnyComplete, type Host, ModelConfig, type ModelFacts, type Scenario, scenarioTask } from "@rigbook/core"
import { parseConfigFile, syntheticSet } from "@rigbook/records"
import { Schema } from "effect"
import { assemblePlan } from "./Assemble.ts"
import type { PlannedCell } from "./PlannedCell.ts"

/** A model that no config names, and what is to be planned of it. */
export interface ModelToPlan<R> {
  readonly backend: AnyComplete<R>
  /** The backend's options, decoded. */
  readonly options: unknown
  readonly model: ModelFacts
  readonly scenario: Scenario
  readonly host: Host
}

/** The cell that a config of this model alone would give, from its headers: the same plan, from given facts. Pure. */
export const planModel = <R>({ backend, host, model, options, scenario }: ModelToPlan<R>): PlannedCell<R> => {
  const name = model.architecture
  const config = decodeConfig({
    name,
    task: scenarioTask(scenario),
    source: { path: name },
    backends: {},
    scenarios: [scenario],
  })
  const files = { absent: "they are only inspected" }
  const { cells } = assemblePlan({
    reach: "headers",
    id: name,
    path: name,
    file: parseConfigFile("", name),
    config,
    prompts: new Map([[0, syntheticSet]]),
    engines: [{ backend, options, host, model, files, runtime: files, answers: new Map() }],
    overheads: [],
    records: [],
    issues: [],
    missing: [],
  })
  return cells[0]!
}

const decodeConfig = Schema.decodeUnknownSync(ModelConfig)
