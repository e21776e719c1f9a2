import { bounds, type CellSpec, type Metric, report, type RunLine } from "@rigbook/core"
import { readRecord, type Workspace } from "@rigbook/records"
import type { PlannedCell } from "@rigbook/runner"
import { Effect } from "effect"
import { join } from "node:path"
import { timeWords } from "./Duration.ts"
import { cellName, headline, statusWord } from "./Figures.ts"

/** Shows the lines of a run as progress, one step per cell. `specs` and `expected`: by a cell's identity. */
export const runProgress =
  (
    specs: ReadonlyMap<string, CellSpec>,
    workspace: Workspace,
    metrics: ReadonlyArray<Metric>,
    expected: ReadonlyMap<string, PlannedCell["time"]> = new Map(),
  ) =>
  (line: RunLine) => {
    const spec = "cell" in line ? specs.get(line.cell) : undefined
    return spec === undefined ? Effect.void : tell(line, spec, workspace, metrics, expected.get(spec.identity))
  }

/** Figures are in the record only. If it can't be read, the run reports that. */
const figures = (record: string, { raw }: Workspace, metrics: ReadonlyArray<Metric>) =>
  readRecord(join(raw, record)).pipe(
    Effect.map((read) => (read === undefined ? "" : headline(read, metrics))),
    Effect.orElseSucceed(() => ""),
  )

const tell = Effect.fnUntraced(function* (
  line: RunLine,
  spec: CellSpec,
  workspace: Workspace,
  metrics: ReadonlyArray<Metric>,
  time: PlannedCell["time"] | undefined,
) {
  const step = cellName(spec)
  const { protocol } = spec
  const total = bounds(protocol.warmup).max + bounds(protocol.trials).max
  switch (line.kind) {
    case "run":
    case "error":
      return
    case "reused":
      return yield* report({
        step,
        detail: `reused: its record of ${line.startedAt.slice(0, 10)} is ${line.status} (--fresh measures again)`,
        finished: true,
      })
    case "skipped":
      return yield* report({ step, detail: `skipped: ${line.reason}`, finished: true })
    case "started":
      return yield* report({
        step,
        detail:
          line.kept > 0
            ? `resuming after ${line.kept} trials`
            : `loading the model${time === undefined || "absent" in time ? "" : `; ${timeWords(time.value)}`}`,
        done: line.kept,
        total,
      })
    case "cooling":
      return yield* report({
        step,
        detail: `waiting until ${line.device} cools from ${line.temperatureC} to ${line.untilC} °C`,
        done: 0,
        total,
      })
    case "opened":
      return yield* report({ step, detail: `loaded in ${(line.loadMs / 1000).toFixed(1)} s`, done: 0, total })
    case "asking":
      return yield* report({
        step,
        detail: `sending ${line.requests} requests whose answers are stored`,
        done: 0,
        total,
      })
    case "trial": {
      const repeated = line.phase === "warmup" ? protocol.warmup : protocol.trials
      const of = `${typeof repeated === "number" ? "" : "at most "}${bounds(repeated).max}`
      const detail = `${line.phase === "warmup" ? "warm-up" : "trial"} ${line.trial + 1} of ${of}`
      return yield* report({ step, detail, done: line.done, total: line.total })
    }
    case "finished": {
      const said = line.failure ?? (yield* figures(line.record, workspace, metrics))
      return yield* report({
        step,
        detail: `${statusWord(line.status, line.reasons)}: ${said}`,
        finished: true,
        ...(line.failure === undefined ? {} : { failed: true }),
      })
    }
  }
})
