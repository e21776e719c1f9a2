import type { ProgressEvent } from "@rigbook/core"
import { Effect } from "effect"
import cliProgress from "cli-progress"
import { asStarted } from "./AsStarted.ts"
import { terminalText } from "./Style.ts"

export interface ProgressView {
  readonly tell: (event: ProgressEvent) => Effect.Effect<void>
  /** Removes bars, so that the next output stands alone. */
  readonly close: () => void
}

type Output = NodeJS.WriteStream

/** Bars on a terminal, otherwise one line when a step begins, at most one every five seconds, and one at its end. */
export const makeProgressView = (output: Output): ProgressView => (output.isTTY ? bars(output) : lines(output))

const bars = (output: Output): ProgressView => {
  const open = new Map<string, cliProgress.SingleBar>()
  let multi: cliProgress.MultiBar | undefined
  const close = (): void => {
    multi?.stop()
    multi = undefined
    open.clear()
  }
  const finish = (event: ProgressEvent): void => {
    const bar = open.get(event.step)
    open.delete(event.step)
    if (open.size > 0) {
      if (bar !== undefined) multi?.remove(bar)
      multi?.log(`${finishedLine(event)}\n`)
    } else {
      // A log line waits for the next bar: the last bar makes room first.
      close()
      output.write(`${finishedLine(event)}\n`)
    }
  }
  const advance = (event: ProgressEvent): void => {
    const bar = open.get(event.step)
    const payload = payloadOf(event)
    if (bar === undefined) {
      multi ??= multiBar(output)
      open.set(event.step, multi.create(event.total ?? 1, event.done ?? 0, payload))
    } else {
      bar.setTotal(event.total ?? 1)
      bar.update(event.done ?? 0, payload)
    }
  }
  return { tell: (event) => Effect.sync(() => (event.finished === true ? finish(event) : advance(event))), close }
}

const WIDTH = 24

const multiBar = (output: Output): cliProgress.MultiBar =>
  new cliProgress.MultiBar({
    stream: output,
    clearOnComplete: true,
    hideCursor: true,
    fps: 4, // a measurement runs beside it
    gracefulExit: false, // interruption is handled here
    format: (_, { progress, startTime }, payload: Payload) =>
      terminalText(
        barLine(payload, progress, Math.round((Date.now() - startTime) / 1000), Math.max(20, output.columns - 1)),
      ),
  })

/** Below so many columns the bar gives its place to words. */
const NARROW = 80

/**
 * How far a step is, in one line of at most `width` characters: the share and what it is at stay, and the step's name gives
 * up its beginning, which tells cells apart least.
 */
export const barLine = ({ detail, sized, step }: Payload, progress: number, seconds: number, width: number): string => {
  const filled = Math.round(progress * WIDTH)
  const bar = sized && width >= NARROW - 1 ? `${"█".repeat(filled)}${"░".repeat(WIDTH - filled)} ` : ""
  const share = sized ? `${Math.round(100 * progress)} % ` : ""
  const end = [detail, `${seconds} s`].filter((part) => part !== "").map((part) => ` · ${part}`)
  const rest = width - bar.length - share.length - end.join("").length
  const name = step.length <= rest ? step : rest < 2 ? "" : `…${step.slice(step.length - rest + 1)}`
  return `${bar}${share}${name}${end.join("")}`.slice(0, width)
}

export interface Payload {
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
  const reported = new Map<string, number>()
  return {
    tell: (event) =>
      Effect.sync(() => {
        const now = performance.now()
        const last = reported.get(event.step)
        if (event.finished === true) {
          reported.delete(event.step)
          output.write(`${finishedLine(event)}\n`)
        } else if (last === undefined || now - last >= LINE_EVERY_MS) {
          reported.set(event.step, now)
          output.write(`${runningLine(event)}\n`)
        }
      }),
    close: () => {},
  }
}

const runningLine = ({ detail, done, step, total }: ProgressEvent): string => {
  const share = done === undefined || total === undefined || total === 0 ? "" : ` ${Math.round((100 * done) / total)} %`
  return terminalText(asStarted(`… ${step}${share}${detail === undefined ? "" : `: ${detail}`}`))
}

const finishedLine = ({ detail, failed, step }: ProgressEvent): string =>
  terminalText(asStarted(`${failed === true ? "✗" : "✓"} ${step}${detail === undefined ? "" : `: ${detail}`}`))
