import { isQuality, type QualityCriterion, type QualityResult, type RunRecord, type UseCase } from "@rigbook/core"
import { pointsFor } from "./Points.ts"

/** Settings that change what is stored of a text, by the names of the engines. */
const CACHE = ["kvCache", "kvCacheDtype"]

/**
 * The valid run of quality that holds for `record`: of the same file, engine, version and type of the KV cache; of
 * several the latest. The host may be another. Pure.
 */
export const qualityRunOf = (
  record: RunRecord,
  { dataset, metric }: Pick<QualityCriterion, "metric" | "dataset">,
  runs: ReadonlyArray<RunRecord>,
): RunRecord | undefined =>
  runs
    .filter(
      (run) =>
        isQuality(run.cell.scenario) &&
        run.verdict.status === "valid" &&
        sameAnswers(record, run) &&
        (dataset === undefined || run.cell.prompts.name === dataset) &&
        run.values.some((value) => value.metric === metric && "summary" in value.result),
    )
    .toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0]

/** Whether both answer alike: what was measured of the one holds for the other. Pure. */
export const sameAnswers = ({ cell: a, ...one }: RunRecord, { cell: b, ...other }: RunRecord): boolean =>
  a.model.sha256 === b.model.sha256 &&
  a.backend === b.backend &&
  a.runtime.version === b.runtime.version &&
  a.task === b.task &&
  cacheOf(one) === cacheOf(other)

/** The type that a run's KV cache is stored in, as the engine reports it, else as requested. */
export const cacheOf = ({ effective, requested }: Pick<RunRecord, "effective" | "requested">): unknown =>
  CACHE.map((name) => effective?.settings[name] ?? requested.settings[name]).find((value) => value !== undefined)

/** The use case's figures of quality for a run, each with the record that has it or why there is none. Pure. */
export const qualityOf = (
  record: RunRecord,
  { quality }: UseCase,
  runs: ReadonlyArray<RunRecord>,
): ReadonlyArray<QualityResult> =>
  (quality ?? []).map((criterion) => {
    const { dataset, metric, points: scale } = criterion
    const run = qualityRunOf(record, criterion, runs)
    const value = run?.values.find((candidate) => candidate.metric === metric)
    const common = { metric, unit: value?.unit ?? "", ...(dataset === undefined ? {} : { dataset }) }
    if (run === undefined || value === undefined || "absent" in value.result)
      return { ...common, result: { absent: "no valid run measures it with this file, engine and cache" } }
    const { high, low, median } = value.result.summary
    const ends = [low ?? median, high ?? median].map((end) => pointsFor(scale, end))
    return {
      ...common,
      result: {
        value: median,
        points: pointsFor(scale, median),
        low: Math.min(...ends),
        high: Math.max(...ends),
        record: run.id,
      },
    }
  })
