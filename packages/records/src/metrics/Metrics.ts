import type { Metric, Task } from "@rigbook/core"
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
import { loadTime, memoryMean, memoryPeak } from "./Resources.ts"

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

/** Those of a task; without those of loads, unless it is `loaded`. */
export const metricsFor = (
  task: Task,
  metrics: ReadonlyArray<Metric> = METRICS,
  loaded = true,
): ReadonlyArray<Metric> => metrics.filter(({ tasks, under }) => tasks.includes(task) && (loaded || under !== "load"))
