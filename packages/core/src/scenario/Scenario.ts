import { Schema } from "effect"
import { Batch, batch, BatchLadder } from "./kinds/Batch.ts"
import { Concurrency, concurrency, ConcurrencyLadder } from "./kinds/Concurrency.ts"
import { Context, context, ContextLadder } from "./kinds/Context.ts"
import { Latency, latency } from "./kinds/Latency.ts"
import { OpenLoop, openLoop, OpenLoopLadder } from "./kinds/OpenLoop.ts"
import { MultiTurn, multiTurn } from "./kinds/MultiTurn.ts"
import { Divergence } from "./kinds/Divergence.ts"
import { type Quality, quality, VectorQuality } from "./kinds/Quality.ts"
import { Soak, soak } from "./kinds/Soak.ts"
import { TaskQuality } from "./kinds/Tasks.ts"
import { Trace, trace } from "./kinds/Trace.ts"
import type { ModelSource } from "../model/ModelSource.ts"
import type { PromptSet } from "./PromptSet.ts"
import type { Ramp } from "./Ramp.ts"
import type { ScenarioKind, TextSource } from "./ScenarioKind.ts"
import type { TrialWork } from "./TrialWork.ts"

/** What a cell requests from a model: `rate` is in requests a second, `depth` in tokens, `speed` a factor. */
export const Scenario = Schema.Union([
  Latency,
  MultiTurn,
  Batch,
  Concurrency,
  OpenLoop,
  Trace,
  Context,
  Soak,
  VectorQuality,
  Divergence,
  TaskQuality,
])
export type Scenario = typeof Scenario.Type

/** What a config requests: one scenario, or a ladder of them if a list replaces one number. */
export const ScenarioLadder = Schema.Union([
  Latency,
  MultiTurn,
  BatchLadder,
  ConcurrencyLadder,
  OpenLoopLadder,
  Trace,
  ContextLadder,
  Soak,
  VectorQuality,
  Divergence,
  TaskQuality,
]).annotate({ identifier: "ScenarioLadder" })
export type ScenarioLadder = typeof ScenarioLadder.Type

type Of<Union, Kind> = Extract<Union, { readonly kind: Kind }>

/** What is specific to each kind. A kind that is in the unions above but not here does not compile. */
export const KINDS: {
  readonly [Kind in Scenario["kind"]]: ScenarioKind<Of<Scenario, Kind>, Of<ScenarioLadder, Kind>>
} = { latency, "multi-turn": multiTurn, batch, concurrency, "open-loop": openLoop, trace, context, soak, quality }

/**
 * The kind of a scenario, or of a ladder: the only place that reads its `kind`. Call its functions with that scenario
 * only.
 */
export const kindOf = ({ kind }: Pick<Scenario, "kind">): ScenarioKind<Scenario, ScenarioLadder> =>
  KINDS[kind] as unknown as ScenarioKind<Scenario, ScenarioLadder>

/** Short name of a scenario, used in tables and record ids, such as `latency-short-chat-2x128`. */
export const scenarioName = (scenario: Scenario): string => kindOf(scenario).name(scenario)

/** The task of a scenario. */
export const scenarioTask = (scenario: Scenario | ScenarioLadder): "generate" | "embed" => {
  const { task, taskOf } = kindOf(scenario)
  return taskOf?.(scenario) ?? task
}

/** The model that a scenario compares its model with; `undefined` for most. */
export const referenceOf = (scenario: Scenario | ScenarioLadder): ModelSource | undefined =>
  kindOf(scenario).reference?.(scenario)

/** The number that a ladder raises; `undefined` for a scenario that is not a rung. */
export const raisedOf = (scenario: Scenario): number | undefined => {
  const { raised } = kindOf(scenario)
  const value: unknown =
    raised === undefined ? undefined : Object.entries(scenario).find(([key]) => key === raised.field)?.[1]
  return typeof value === "number" ? value : undefined
}

/** Whether a scenario repeats its prompts, so that a cache can find them. */
export const asksAgain = (scenario: Scenario): boolean => "cache" in scenario && scenario.cache === "repeated"

/** Whether a scenario turns documents into vectors. */
export const isBatch = (scenario: Scenario): scenario is Batch => scenario.kind === "batch"

/** Whether a scenario is a conversation. */
export const isMultiTurn = (scenario: Scenario): scenario is MultiTurn => scenario.kind === "multi-turn"

/** Whether a scenario is about how good answers are: none of its figures is a time. */
export const isQuality = (scenario: Scenario): scenario is Quality => scenario.kind === "quality"

/** The scenarios of a ladder, one for each cell. `contextLength`: tokens that the model was trained for, if known. */
export const rungsOf = (ladder: ScenarioLadder, contextLength = Infinity): ReadonlyArray<Scenario> =>
  kindOf(ladder).rungs(ladder, contextLength)

/** Whether rungs that don't fit are left out: each has a context of its own then. */
export const ifItFits = (ladder: ScenarioLadder): boolean => kindOf(ladder).ifItFits?.(ladder) === true

/** The ramp that a ladder is; `undefined` for one whose rungs are all run. */
export const rampOf = (ladder: ScenarioLadder): Ramp | undefined => kindOf(ladder).ramp?.(ladder)

/** The number that is raised from rung to rung: streams, requests a second, or documents of a forward pass. */
export const loadOf = (scenario: Scenario): number | undefined =>
  kindOf(scenario).raised?.saturates === true ? raisedOf(scenario) : undefined

/** Where a scenario's prompts come from; `undefined` if it generates them. */
export const promptsOf = (scenario: ScenarioLadder): TextSource | undefined => kindOf(scenario).prompts(scenario)

/** The numbers by which scenarios of one kind and one set of prompts are put in order. */
export const scenarioOrder = (scenario: Scenario): ReadonlyArray<number> => kindOf(scenario).order(scenario)

/** Whether many requests run at once: its figures are those of a load. */
export const isLoad = (scenario: Scenario): boolean => kindOf(scenario).load

/** The work of one trial. */
export const trialWork = (scenario: Scenario, prompts: PromptSet, round: string): TrialWork =>
  kindOf(scenario).work(scenario, prompts, round)
