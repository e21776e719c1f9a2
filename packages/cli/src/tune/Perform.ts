import { type Backends, bytesOf, type Host, type Metric, type RunRecord } from "@rigbook/core"
import { readRecords, type Workspace, writeAtomically, yamlText } from "@rigbook/records"
import {
  type Cell,
  cellsToRun,
  FIGURES,
  type Goal,
  type Knob,
  type Loss,
  plan,
  run,
  type Trials,
  type TryReply,
  type TryRequest,
  type Variant,
  variantKey,
  variantName,
} from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { createHash } from "node:crypto"
import { join } from "node:path"
import { runProgress } from "../output/RunProgress.ts"
import { type Base, slugOf, tryConfig } from "./TryConfig.ts"

/** What tries are made with. */
export interface Bench<R> {
  /** Whose records are those of the tries. */
  readonly workspace: Workspace
  /** Where the configs of tries are written. */
  readonly configs: string
  readonly base: Base
  readonly knobs: ReadonlyArray<Knob>
  readonly goal: Goal
  /** By which speed is measured, and loss. */
  readonly scenario: unknown
  readonly lossScenario: unknown
  readonly backends: Backends<R>
  readonly host: Host
  readonly metrics: ReadonlyArray<Metric>
}

/** A variant that can be run, with its cell; or the reason why not. */
type Ready<R> = { readonly cell: Cell<R> } | { readonly absent: string }

/**
 * Measures what a search requests: each try is a config, a cell and a record. What can't fit is not run. Tries
 * that have a record already are reused, interrupted ones resumed.
 */
export const perform = Effect.fn("Perform.perform")(function* <R>(bench: Bench<R>, request: TryRequest) {
  const ready = yield* Effect.forEach(request.variants, (variant) =>
    Effect.map(prepareTry(bench, request, variant), (one) => [variant, one] as const),
  )
  const cells = ready.flatMap(([, one]) => ("cell" in one ? [one.cell] : []))
  const specs = new Map(cells.map(({ spec }) => [spec.identity, spec]))
  const records =
    cells.length === 0
      ? []
      : yield* run(cells, {
          workspace: bench.workspace,
          rounds: request.kind === "trials" ? request.turns : 1,
          metrics: bench.metrics,
          onLine: runProgress(specs, bench.workspace, bench.metrics),
        })
  const answers = ready.map(([variant, one]): readonly [Variant, Answer] => {
    if ("absent" in one) return [variant, one]
    const record = records.find(({ cell }) => cell.identity === one.cell.spec.identity)
    return [variant, record === undefined ? { absent: "it was not measured" } : answerOf(record)]
  })
  const trials = new Map<string, { readonly value: Trials } | { readonly absent: string }>()
  const loss = new Map<string, { readonly value: Loss } | { readonly absent: string }>()
  for (const [variant, answer] of answers) {
    const key = variantKey(variant)
    if ("absent" in answer) {
      trials.set(key, answer)
      loss.set(key, answer)
    } else {
      trials.set(key, { value: answer.trials })
      loss.set(key, answer.loss === undefined ? { absent: "its loss has no interval" } : { value: answer.loss })
    }
  }
  return { reply: { trials, loss } satisfies TryReply, records }
})

/** Writes the try's config and plans it: from headers first, so that nothing is fetched or quantized for what can't fit. */
const prepareTry = Effect.fnUntraced(function* <R>(bench: Bench<R>, request: TryRequest, variant: Variant) {
  const { backends, base, configs, goal, host, knobs, workspace } = bench
  // Loss is of what changes answers: the same for all other settings, so that it is measured once.
  const tried =
    request.kind === "loss"
      ? Object.fromEntries(knobs.map(({ lossy, name: knob, values }) => [knob, lossy ? variant[knob]! : values[0]]))
      : variant
  const name = variantName(knobs, tried)
  const hash = createHash("sha256").update(variantKey(tried)).digest("hex").slice(0, 6)
  const stage = request.kind === "loss" ? "loss" : slugOf(request.stage, `${request.rung + 1}`)
  const path = join(configs, `${stage}-${slugOf(name)}-${hash}.yaml`)
  const about = { folder: configs, name: `${String(base.config["name"])}: ${name}` }
  const config =
    request.kind === "loss"
      ? // It is computed by the processor, wherever the model runs otherwise.
        { ...tryConfig(base, tried, { ...about, scenarios: [bench.lossScenario] }), placement: "cpu" }
      : tryConfig(base, tried, { ...about, scenarios: [bench.scenario], trials: request.trials })
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(configs, { recursive: true })
  yield* writeAtomically(path, yamlText(config))
  const { records } = yield* readRecords(workspace.raw)
  const planned = yield* plan(workspace, [path], backends, host, { reach: "here", records })
  const outline = planned.cells[0]
  const problem = [...planned.issues, ...planned.missing][0]?.message
  if (outline === undefined || problem !== undefined)
    return { absent: problem ?? "it gives no cell" } satisfies Ready<R> as Ready<R>
  if ("absent" in outline.placement) return { absent: outline.placement.absent } satisfies Ready<R> as Ready<R>
  const bytes = outline.demand.reduce((sum, { parts }) => sum + bytesOf(parts), 0)
  if (request.kind === "trials" && goal.memory !== undefined && bytes > goal.memory)
    return { absent: `needs ${gib(bytes)}, of at most ${gib(goal.memory)}` } satisfies Ready<R> as Ready<R>
  const whole = yield* plan(workspace, [path], backends, host, { records })
  const [cell] = cellsToRun(whole.cells)
  const why = [...whole.issues, ...whole.missing][0]?.message
  return (cell === undefined ? { absent: why ?? "it can't be run" } : { cell }) satisfies Ready<R>
})

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`

type Answer = { readonly absent: string } | { readonly trials: Trials; readonly loss: Loss | undefined }

/** The figures of a record; an invalid one has none. */
const answerOf = (record: RunRecord): Answer => {
  const wrong = record.verdict.reasons.find(({ level }) => level === "invalid")
  if (wrong !== undefined) return { absent: record.failure?.message ?? wrong.detail }
  const trials: Record<string, ReadonlyArray<number>> = {}
  for (const [figure, { metric }] of Object.entries(FIGURES)) {
    const result = record.values.find((value) => value.metric === metric)?.result
    if (result !== undefined && "trials" in result) trials[figure] = result.trials.filter((value) => value !== null)
  }
  const kld = record.values.find(({ metric }) => metric === FIGURES.kld.metric)?.result
  const summary = kld !== undefined && "summary" in kld ? kld.summary : undefined
  const loss =
    summary?.low === undefined || summary.high === undefined
      ? undefined
      : { value: summary.median, low: summary.low, high: summary.high }
  return { trials, loss }
}
