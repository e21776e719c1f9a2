import {
  Crashed,
  NotInstalled,
  OutOfMemory,
  type Reason,
  Refused,
  TimedOut,
  Unsupported,
} from "../../runtime/BackendError.ts"
import type { HttpFailure } from "../process/HttpFailure.ts"
import type { ServerEnd, ServerReasons } from "./ServerEngine.ts"

type Explained = "ended" | "refused" | "unready" | "dying"

/** The default reasons for a server called `name`. */
export const reasonsOf = <Config>(
  name: string,
  own: ServerReasons<Config> = {},
): ServerReasons<Config> & Required<Pick<ServerReasons<Config>, Explained>> => ({
  ended: (end) => endedReason(name, end),
  refused: (failure) => refusedReason(name, failure),
  unready: (afterMs) =>
    new TimedOut({
      detail: `${name} was not ready after ${afterMs} ms.`,
      fix: "Raise protocol.openTimeoutMs, or read in the engine's log what it waits for.",
      afterMs,
    }),
  dying: ({ status }) => (status === undefined ? 2 : undefined),
  ...own,
})

const endedReason = (name: string, { exitCode, log, shortage }: ServerEnd): Reason => {
  const how = exitCode > 128 ? `was ended by signal ${exitCode - 128}` : `ended with exit code ${exitCode}`
  if (shortage !== undefined)
    return new OutOfMemory({ detail: `${name} ${how}: ${shortage}.`, fix: "Use a smaller model, or more memory." })
  const last = log.findLast((line) => line.trim() !== "")
  const words = last === undefined ? "" : `; its last line: ${last.trim()}`
  return new Crashed({ detail: `${name} ${how}${words}.`, fix: "Read the engine's log.", exitCode })
}

const refusedReason = (name: string, { detail, path, status }: HttpFailure): Reason => {
  if (status === undefined)
    return new Crashed({
      detail: `${name} broke off ${path}: ${detail}.`,
      fix: "Read the engine's log. Run the cell again.",
    })
  const refusal = {
    detail: `${name} refuses ${path} (HTTP ${status}): ${detail}.`,
    fix: "Read the engine's log for the reason.",
  }
  return [404, 405, 501].includes(status) ? new Unsupported(refusal) : new Refused({ ...refusal, status })
}

/** Its program does not exist, or can't be run. */
export const notStarted = (command: string, why: string, fix = "Check that it exists and is executable."): Reason =>
  new NotInstalled({ detail: `${command} can't be started: ${why}.`, fix })
