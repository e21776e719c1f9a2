import {
  asksAgain,
  type BackendError,
  type CellSpec,
  type Effective,
  type Environment,
  isLoad,
  isMultiTurn,
  isQuality,
  type MetricValue,
  type PlacementProof,
  reason,
  type Requested,
  type RequestSample,
  type Sample,
  syntheticMark,
  type TelemetryOpening,
  type Verdict,
  verdictOf,
  type VerdictReason,
} from "@rigbook/core"
import type { OpeningIdentity } from "../journal/Journal.ts"
import { isUnsure } from "../metrics/RequestTimes.ts"
import { accountOf, isShort } from "../metrics/TokenAccount.ts"
import { trendOf } from "../statistics/Drift.ts"
import { outliers } from "../statistics/Outliers.ts"
import { quantile } from "../statistics/Quantile.ts"
import { judgeEngine } from "./JudgeEngine.ts"
import { judgeLoading } from "./JudgeLoading.ts"
import { judgePlacement } from "./JudgePlacement.ts"
import { judgeQuality } from "./JudgeQuality.ts"
import { judgeTelemetry } from "./JudgeTelemetry.ts"
import { judgeTexts } from "./JudgeTexts.ts"
import { judgeTokens } from "./JudgeTokens.ts"
import { judgeVectors } from "./JudgeVectors.ts"
import { HEADLINES, headlineSeries, restless, type Unsettled, wideIntervals } from "./Settled.ts"

/** What a verdict is based on. */
export interface Evidence {
  readonly cell: CellSpec
  readonly environment: Environment
  readonly requested: Pick<Requested, "settings" | "buffers">
  readonly effective: Effective | undefined
  readonly failure: BackendError | undefined
  readonly samples: ReadonlyArray<Sample>
  readonly values: ReadonlyArray<MetricValue>
  readonly telemetry: ReadonlyArray<TelemetryOpening>
  readonly proof: PlacementProof
  /** Left out where the engine reported nothing of itself. */
  readonly identities?: ReadonlyArray<OpeningIdentity>
}

const MAX_CV = 0.1
/** Share of its median that a figure may rise or fall in total, if it has a trend (Kendall's test). */
const MAX_DRIFT = 0.03
const DRIFT_P = 0.05
/** An outlier nearer to the median than this is not worth reporting. */
const OUTLIER = 0.02
const MAX_BUSY = 0.25
const MIN_TRIALS = 5
/** Beyond this, the load generator itself may be what is measured. */
const MAX_DELAY_MS = 5
/** Shares by which the client's clock may differ from the engine's: HTTP and tokenizing are in the prompt's time. */
const CLOCKS = { decode: 0.01, prefill: 0.05 }

/** Compares what was requested, effective and observed, and judges. Pure. */
export const judge = (evidence: Evidence): Verdict =>
  verdictOf([
    ...failed(evidence),
    ...judgeEngine(evidence.identities ?? []),
    ...judgePlacement(evidence),
    ...drift(evidence),
    ...requests(evidence),
    ...judgeLoading(evidence),
    ...judgeTexts(evidence),
    ...judgeVectors(evidence),
    ...judgeQuality(evidence),
    ...(isTimed(evidence) ? [...client(evidence), ...trials(evidence), ...settled(evidence), ...clocks(evidence)] : []),
    ...surroundings(evidence),
    ...weights(evidence),
    ...(isTimed(evidence) ? judgeTelemetry(evidence) : []),
  ])

/** Whether its figures are times: of quality none is, and how busy or hot the machine was is all the same. */
const isTimed = ({ cell }: Evidence): boolean => !isQuality(cell.scenario)

const failed = ({ failure }: Evidence): ReadonlyArray<VerdictReason> =>
  failure === undefined ? [] : [reason("failed", `${failure.reason._tag}: ${failure.reason.detail}`)]

const drift = ({ effective, requested }: Evidence): ReadonlyArray<VerdictReason> =>
  effective === undefined
    ? []
    : Object.entries(requested.settings).flatMap(([name, wanted]) => {
        const found = effective.settings[name]
        if (found === wanted) return []
        return found === undefined
          ? [reason("config-unverified", `${name}: requested ${wanted}, not reported by the engine`)]
          : [reason("config-drift", `${name}: requested ${wanted}, effective ${found}`)]
      })

const requests = (evidence: Evidence): ReadonlyArray<VerdictReason> => {
  const { cell, samples } = evidence
  const all = measuredOf(samples).flatMap((sample) => sample.requests)
  const of = (what: (request: RequestSample) => boolean) => all.filter(what).length
  const errors = of(({ outcome }) => outcome !== "ok")
  // Of quality no figure is a time or a rate: what a cache saves, and how tokens arrive, changes none.
  const timed = isTimed(evidence)
  const warm = timed ? of(({ cachedTokens = 0, turn = 0 }) => cachedTokens > 0 && turn === 0) : 0
  const again = of(({ retries = 0 }) => retries > 0)
  const short = of(isShort)
  const share = (count: number) => `${count} of ${all.length} requests`
  return [
    ...(errors > 0 ? [reason("errors", `${share(errors)} failed${kindsOf(all)}`)] : []),
    ...(warm > 0
      ? [
          asksAgain(cell.scenario)
            ? reason("cache-used", `${share(warm)} found prompt tokens in a cache, ${percent(cachedShare(all))} of all`)
            : reason("cache-warm", `${share(warm)} found prompt tokens in a cache`),
        ]
      : []),
    ...(again > 0
      ? [
          reason(
            "retried",
            `${share(again)} were sent again, ${all.reduce((sum, { retries = 0 }) => sum + retries, 0)} times in total`,
          ),
        ]
      : []),
    ...(short > 0 ? [reason("short-output", `${share(short)} ended before the requested number of tokens`)] : []),
    ...(timed ? judgeTokens(cell, all) : []),
  ]
}

/** Of the prompt tokens of requests that report both. */
const cachedShare = (requests: ReadonlyArray<RequestSample>): number => {
  const reported = requests.filter(
    ({ cachedTokens, inputTokens }) => cachedTokens !== undefined && inputTokens !== undefined,
  )
  const sum = (of: (request: RequestSample) => number) => reported.reduce((all, request) => all + of(request), 0)
  return sum(({ cachedTokens = 0 }) => cachedTokens) / sum(({ inputTokens = 0 }) => inputTokens)
}

/** ` (3 refused with 429, 1 reset)`: failed requests by kind, if known. */
const kindsOf = (requests: ReadonlyArray<RequestSample>): string => {
  const kinds = requests.flatMap(({ failure, status }) =>
    failure === undefined ? [] : [status === undefined ? failure : `${failure} with ${status}`],
  )
  const counts = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length }]) => `${length} ${kind}`)
  return counts.length === 0 ? "" : ` (${counts.join(", ")})`
}

/** The load generator itself was late: its rate or its times are its own. Telemetry shows how busy it was. */
const client = ({ samples }: Evidence): ReadonlyArray<VerdictReason> => {
  const reported = measuredOf(samples).flatMap((sample) => sample.client ?? [])
  if (reported.length === 0) return []
  const largest = (of: (readings: (typeof reported)[number]) => number) => Math.max(...reported.map(of))
  const lags = measuredOf(samples).flatMap(({ requests: sent }) =>
    sent.flatMap(({ scheduledMs, sentMs, waitedMs = 0 }) =>
      scheduledMs === undefined ? [] : [sentMs - waitedMs - scheduledMs],
    ),
  )
  const lagP99 = lags.length === 0 ? 0 : quantile(Float64Array.from(lags).sort(), 0.99)
  const said = [
    ...(largest(({ delayP99Ms }) => delayP99Ms) > MAX_DELAY_MS
      ? [
          `its timers were ${largest(({ delayP99Ms }) => delayP99Ms).toFixed(1)} ms late (p99, bound ${MAX_DELAY_MS} ms)`,
        ]
      : []),
    ...(lagP99 > MAX_DELAY_MS
      ? [`requests were sent ${lagP99.toFixed(1)} ms late (p99, bound ${MAX_DELAY_MS} ms)`]
      : []),
  ]
  return said.length === 0 ? [] : [reason("client-bound", said.join("; "))]
}

const trials = ({ failure, samples, values }: Evidence): ReadonlyArray<VerdictReason> => {
  const count = measuredOf(samples).length
  if (failure !== undefined) return []
  return [
    ...(count < MIN_TRIALS ? [reason("too-few-trials", `${count} measured`)] : []),
    ...values.flatMap(({ metric, result, title }) => {
      const cv = "summary" in result ? result.summary.cv : undefined
      return HEADLINES.has(metric) && cv !== undefined && cv > MAX_CV
        ? [reason("noisy", `${title} varies by ${percent(cv)} between trials (bound ${percent(MAX_CV)})`)]
        : []
    }),
    ...values.flatMap(({ metric, result, title }) => {
      if (!HEADLINES.has(metric) || !("summary" in result)) return []
      const measured = result.trials.filter((value) => value !== null)
      const trend = trendOf(measured)
      if (trend === undefined || trend.p >= DRIFT_P) return []
      const change = (trend.slope * measured.length) / result.summary.median
      return Math.abs(change) > MAX_DRIFT
        ? [
            reason(
              "drifting",
              `${title} ${change > 0 ? "rose" : "fell"} by ${percent(Math.abs(change))} over the trials (bound ${percent(MAX_DRIFT)}, p = ${trend.p.toPrecision(2)})`,
            ),
          ]
        : []
    }),
  ]
}

/** Precision that an adaptive protocol did not reach, and outliers. */
const settled = ({ cell: { protocol }, failure, samples, values }: Evidence): ReadonlyArray<VerdictReason> => {
  if (failure !== undefined) return []
  const { trials: planned, warmup } = protocol
  const reported = (all: ReadonlyArray<Unsettled>, within: number, what: string) =>
    all.map(({ share, title }) => `${title} ${what} ${percent(share)} (requested ${percent(within)})`).join("; ")
  const wide =
    typeof planned === "number"
      ? ""
      : reported(wideIntervals(headlineSeries(samples, "measured"), planned.within), planned.within, "is within")
  // One that was interrupted while it warmed up has no measured trials.
  const openings = [...Map.groupBy(samples, ({ opening }) => opening).values()].filter(
    (opening) => measuredOf(opening).length > 0,
  )
  const cold =
    typeof warmup === "number"
      ? ""
      : (openings
          .map((opening) =>
            reported(restless(headlineSeries(opening, "warmup"), warmup.within), warmup.within, "still changed by"),
          )
          .find((detail) => detail !== "") ?? "")
  return [
    ...(cold === "" ? [] : [reason("not-warm", `after the most warm-ups, ${cold}`)]),
    ...(wide === "" ? [] : [reason("wide-interval", `after ${measuredOf(samples).length} trials, ${wide}`)]),
    ...values.flatMap(({ metric, result, title }) => {
      if (!HEADLINES.has(metric) || !("summary" in result)) return []
      const trials = result.trials.flatMap((value, at) => (value === null ? [] : [{ value, trial: at + 1 }]))
      const far = outliers(trials.map(({ value }) => value))
        .map((at) => trials[at]!)
        .filter(({ value }) => Math.abs(value / result.summary.median - 1) > OUTLIER)
      const change = (value: number): string => {
        const share = value / result.summary.median - 1
        return `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}`
      }
      return far.length === 0
        ? []
        : [
            reason(
              "outliers",
              `${title} of ${far.map(({ trial, value }) => `trial ${trial} (${change(value)})`).join(", ")}`,
            ),
          ]
    }),
  ]
}

const clocks = ({ cell, samples }: Evidence): ReadonlyArray<VerdictReason> => {
  const off = (what: keyof typeof CLOCKS) => {
    const ratios = measuredOf(samples).flatMap((sample) => agreement(sample)?.[what] ?? [])
    if (ratios.length === 0) return []
    const median = quantile(
      ratios.toSorted((a, b) => a - b),
      0.5,
    )
    return Math.abs(median - 1) > CLOCKS[what]
      ? [
          reason(
            "clock-disagrees",
            `${what}: by the client's clock ${median.toFixed(3)} times the engine's (bound ±${percent(CLOCKS[what])})`,
          ),
        ]
      : []
  }
  // Under a load, requests wait in the engine before their prompt is read; in a conversation all of it is tokenized, and only
  // the end is computed: that is not a disagreement.
  const { scenario } = cell
  return [...off("decode"), ...(isLoad(scenario) || isMultiTurn(scenario) ? [] : off("prefill"))]
}

const surroundings = ({ cell, environment, samples }: Evidence): ReadonlyArray<VerdictReason> => {
  const { busy } = environment
  const unobserved = measuredOf(samples).find(({ memory }) => memory.rssBytes.length === 0)
  return [
    ...(!isQuality(cell.scenario) && "value" in busy && busy.value > MAX_BUSY
      ? [
          reason(
            "busy-host",
            `${percent(busy.value)} of the processor was busy before the start (bound ${percent(MAX_BUSY)})`,
          ),
        ]
      : []),
    ...(unobserved === undefined
      ? []
      : [reason("memory-unobserved", unobserved.memory.absent ?? "no reading was taken")]),
    ...(samples.some(({ opening }) => opening > 0)
      ? [reason("engine-restarted", `the engine was started ${Math.max(...samples.map((s) => s.opening)) + 1} times`)]
      : []),
  ]
}

const weights = ({ cell: { model } }: Evidence): ReadonlyArray<VerdictReason> => {
  const mark = syntheticMark(model)
  return mark === undefined ? [] : [reason("synthetic-weights", `its answers are meaningless: ${mark}`)]
}

/**
 * A trial's speeds by our clock divided by those of the engine's, if it reports them: 1 is perfect agreement. Decode:
 * tokens after the first over the time between first and last chunk. Prefill: prompt tokens over TTFT.
 */
export const agreement = (sample: Sample): { readonly decode: number; readonly prefill: number } | undefined => {
  let ours = { decode: 0, prefill: 0 }
  let engines = { decode: 0, prefill: 0 }
  for (const request of sample.requests) {
    const { chunkMs, engine, outcome, sentMs } = request
    const { after = chunkMs.length - 1, counted, first } = accountOf(request)
    if (outcome !== "ok" || chunkMs.length < 2 || engine?.decodeMs === undefined || engine.promptMs === undefined)
      return undefined
    if (isUnsure(request, "tpot")) return undefined
    // Both count the same tokens unless the engine excludes some from its time.
    const decoded = engine.decodeTokens ?? (counted ?? chunkMs.length) - 1
    const perToken = decoded > 0 ? engine.decodeMs / decoded : 0
    ours = { decode: ours.decode + (chunkMs.at(-1)! - chunkMs[0]!), prefill: ours.prefill + (chunkMs[0]! - sentMs) }
    engines = {
      decode: engines.decode + perToken * after,
      prefill: engines.prefill + engine.promptMs + perToken * (first - 1),
    }
  }
  return !(ours.decode > 0 && ours.prefill > 0 && engines.decode > 0 && engines.prefill > 0)
    ? undefined
    : { decode: engines.decode / ours.decode, prefill: engines.prefill / ours.prefill }
}

const measuredOf = (samples: ReadonlyArray<Sample>): ReadonlyArray<Sample> =>
  samples.filter(({ phase }) => phase === "measured")

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`
