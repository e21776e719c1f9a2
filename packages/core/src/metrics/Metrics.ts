import type { Metric } from "../Metric.ts"
import type { Task } from "../model/Model.ts"
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
  ttft,
} from "./Generation.ts"
import { loadTime, memoryMean, memoryPeak } from "./Resources.ts"

/** All metrics of Rigbook, in the order that people read them. */
export const METRICS: ReadonlyArray<Metric> = [
  ttft,
  tpot,
  icl,
  e2e,
  decodeTpsUser,
  prefillTps,
  outputTps,
  decodeTpsEngine,
  prefillTpsEngine,
  docsPerS,
  embedTokensPerS,
  msPerDoc,
  batchLatency,
  docsPerSEngine,
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

export const metricsFor = (task: Task, metrics: ReadonlyArray<Metric> = METRICS): ReadonlyArray<Metric> =>
  metrics.filter(({ tasks }) => tasks.includes(task))
