import { BackendError, Crashed, TimedOut, FILE_LIMITS, readText } from "@rigbook/core"
import { Effect } from "effect"
import { join } from "node:path"

/** A plugin that throws fails its own cell, and no other. */
export const pluginDefect = (backend: string, defect: unknown): BackendError => {
  const { message, stack } = defect instanceof Error ? defect : new Error(String(defect))
  return new BackendError({
    backend,
    reason: new Crashed({
      detail: `The plugin ended with a defect: ${message}.`,
      fix: "Report it to the plugin's authors; the stack is in the log.",
    }),
    logTail: (stack ?? message).split("\n"),
  })
}

/** The log of one opening of the engine. */
export const logFile = (folder: string, opening: number): string =>
  join(folder, opening === 0 ? "engine.log" : `engine.${opening}.log`)

const TAIL_LINES = 40

/** Core keeps the deadline, but does not read the engine's log as it grows: the tail comes from the file. */
export const withLog = Effect.fnUntraced(function* (failure: BackendError, folder: string, opening: number) {
  if (failure.logTail.length > 0) return failure
  const log = yield* Effect.orElseSucceed(readText(logFile(folder, opening), FILE_LIMITS.log), () => "")
  const logTail = log.trimEnd().split("\n").slice(-TAIL_LINES)
  const { backend, kind, reason, retryAfterS, status } = failure
  return new BackendError({
    backend,
    reason,
    logTail,
    ...(kind === undefined ? {} : { kind }),
    ...(status === undefined ? {} : { status }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  })
})

/** The engine was opened, and gave no session in time. */
export const notReady = (backend: string, afterMs: number): BackendError =>
  new BackendError({
    backend,
    reason: new TimedOut({
      detail: `The engine was not ready after ${afterMs / 1000} s.`,
      fix: "Read the engine's log; raise protocol.openTimeoutMs if it was only slow.",
      afterMs,
    }),
    logTail: [],
  })
