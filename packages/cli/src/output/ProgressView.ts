import type { ProgressEvent } from "@rigbook/core"
import { Effect } from "effect"
import cliProgress from "cli-progress"

export interface ProgressView {
  readonly tell: (event: ProgressEvent) => Effect.Effect<void>
  /** Takes bars away, so that what is printed next stands alone. */
  readonly close: () => void
}

type Output = NodeJS.WriteStream

/** Bars on a terminal, otherwise one line when a step begins, at most one every five seconds, and one at its end. */
export const makeProgressView = (output: Output): ProgressView => (output.isTTY ? bars(output) : lines(output))

const bars = (output: Output): ProgressView => {
  const multi = new cliProgress.MultiBar(
    {
      stream: output,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false, // interruption is ours to handle
      autopadding: true,
      barsize: 24,
      format: (options, { progress }, { detail, step, sized }: Payload) => {
        const filled = Math.round(progress * (options.barsize ?? 24))
        const bar = sized ? `${"█".repeat(filled)}${"░".repeat((options.barsize ?? 24) - filled)}` : "…"
        return `${bar} ${step}${detail === "" ? "" : ` · ${detail}`}`.slice(0, Math.max(20, output.columns - 1))
      },
    },
    cliProgress.Presets.shades_classic,
  )
  const open = new Map<string, cliProgress.SingleBar>()
  return {
    tell: (event) =>
      Effect.sync(() => {
        const bar = open.get(event.step)
        const payload = payloadOf(event)
        if (event.finished === true) {
          if (bar !== undefined) multi.remove(bar)
          open.delete(event.step)
          multi.log(`${finishedLine(event)}\n`)
        } else if (bar === undefined) open.set(event.step, multi.create(event.total ?? 1, event.done ?? 0, payload))
        else {
          bar.setTotal(event.total ?? 1)
          bar.update(event.done ?? 0, payload)
        }
      }),
    close: () => multi.stop(),
  }
}

interface Payload {
  readonly step: string
  readonly detail: string
  readonly sized: boolean
}

const payloadOf = ({ detail, step, total }: ProgressEvent): Payload => ({
  step,
  detail: detail ?? "",
  sized: total !== undefined,
})

const LINE_EVERY_MS = 5_000

const lines = (output: Output): ProgressView => {
  const told = new Map<string, number>()
  return {
    tell: (event) =>
      Effect.sync(() => {
        const now = performance.now()
        const last = told.get(event.step)
        if (event.finished === true) {
          told.delete(event.step)
          output.write(`${finishedLine(event)}\n`)
        } else if (last === undefined || now - last >= LINE_EVERY_MS) {
          told.set(event.step, now)
          output.write(`${runningLine(event)}\n`)
        }
      }),
    close: () => {},
  }
}

const runningLine = ({ detail, done, step, total }: ProgressEvent): string => {
  const share = done === undefined || total === undefined || total === 0 ? "" : ` ${Math.round((100 * done) / total)} %`
  return `… ${step}${share}${detail === undefined ? "" : `: ${detail}`}`
}

const finishedLine = ({ detail, step }: ProgressEvent): string => `✓ ${step}${detail === undefined ? "" : `: ${detail}`}`
