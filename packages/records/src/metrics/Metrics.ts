import { type CellSpec, isLoad, isMultiTurn, isQuality, type Metric, type Scenario, type Task } from "@rigbook/core"
import { Predicate } from "effect"
import { accuracy, answered } from "./Accuracy.ts"
import { cachedShare } from "./Cache.ts"
import {
  energyPerOutputToken,
  gpuUtilization,
  power,
  processorUse,
  smClock,
  temperatureEnd,
  temperatureMax,
  temperatureStart,
  vramMean,
  vramPeak,
  vramProcess,
} from "./Devices.ts"
import { deltaP, kldMean, kldP99, perplexity, referencePerplexity, sameTop } from "./Divergence.ts"
import { batchLatency, docsPerS, docsPerSEngine, embedTokensPerS, msPerDoc } from "./Embedding.ts"
import {
  decodeTpsEngine,
  decodeTpsUser,
  e2e,
  icl,
  outputTps,
  prefillTps,
  prefillTpsEngine,
  tpot,
  ttfo,
  ttft,
} from "./Generation.ts"
import { goodput, goodShare, reqPerS, sendLag, totalTps } from "./Load.ts"
import { PERCENTILES } from "./Percentiles.ts"
import { ndcg10, recall10, stsSpearman } from "./Quality.ts"
import { loadTime, memoryMean, memoryPeak } from "./Resources.ts"
import { acceptanceRate } from "./Speculation.ts"
import { cachedShareLaterTurns, ttftFirstTurn, ttftLaterTurns } from "./Turns.ts"

/** All metrics of Rigbook, in display order. */
export const METRICS: ReadonlyArray<Metric> = [
  ttft,
  ttfo,
  tpot,
  icl,
  e2e,
  decodeTpsUser,
  prefillTps,
  outputTps,
  totalTps,
  reqPerS,
  goodput,
  goodShare,
  ...PERCENTILES,
  sendLag,
  decodeTpsEngine,
  prefillTpsEngine,
  cachedShare,
  ttftFirstTurn,
  ttftLaterTurns,
  cachedShareLaterTurns,
  acceptanceRate,
  docsPerS,
  embedTokensPerS,
  msPerDoc,
  batchLatency,
  docsPerSEngine,
  ndcg10,
  recall10,
  stsSpearman,
  kldMean,
  kldP99,
  sameTop,
  deltaP,
  perplexity,
  referencePerplexity,
  accuracy,
  answered,
  loadTime,
  memoryPeak,
  memoryMean,
  processorUse,
  vramPeak,
  vramMean,
  vramProcess,
  gpuUtilization,
  smClock,
  power,
  energyPerOutputToken,
  temperatureStart,
  temperatureEnd,
  temperatureMax,
]

/**
 * Those of a task, and of a scenario where one is given: those of loads, conversations and of quality are of no other. Of quality no time is
 * a figure, and so there are but loading and memory beside.
 */
export const metricsFor = (
  task: Task,
  metrics: ReadonlyArray<Metric> = METRICS,
  scenario?: Scenario,
): ReadonlyArray<Metric> =>
  metrics.filter((metric) => {
    const { tasks, under } = metric
    if (!tasks.includes(task)) return false
    if (scenario !== undefined && isQuality(scenario)) return under === scenario.measure || BESIDE_QUALITY.has(metric)
    return (
      under === undefined ||
      (under === "load" && (scenario === undefined || isLoad(scenario))) ||
      under === "speculation" ||
      (under === "multi-turn" && (scenario === undefined || isMultiTurn(scenario)))
    )
  })

/** Those of a cell: with speculative decoding or without. */
export const metricsOfCell = (
  { options, scenario, task }: Pick<CellSpec, "options" | "scenario" | "task">,
  metrics: ReadonlyArray<Metric> = METRICS,
): ReadonlyArray<Metric> =>
  metricsFor(task, metrics, scenario).filter(
    ({ under }) => under !== "speculation" || Predicate.hasProperty(options, "speculation"),
  )

const BESIDE_QUALITY: ReadonlySet<Metric> = new Set([loadTime, memoryPeak])
