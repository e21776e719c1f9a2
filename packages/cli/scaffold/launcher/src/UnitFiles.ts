import {
  FILE_LIMITS,
  type FileLimit,
  type Observation,
  readTextIfAny,
  RunLine,
  type UnreadableFile,
} from "@rigbook/core"
import { Effect, FileSystem, Option, Schema } from "effect"
import { join } from "node:path"
import { isAlive } from "./Job.ts"

/** The files of a unit, in a folder of its own: what it is, what it printed and how it ended. */
export const unitFiles = (path: string) => {
  const read = (file: string, limit: FileLimit = FILE_LIMITS.small) =>
    Effect.map(readTextIfAny(join(path, file), limit), (text) => text?.trim())
  /** Readers find the whole text or none. */
  const write = Effect.fnUntraced(function* (file: string, text: string) {
    const fs = yield* FileSystem.FileSystem
    yield* fs.writeFileString(join(path, `${file}.partial`), text)
    yield* fs.rename(join(path, `${file}.partial`), join(path, file))
  })
  /** The worker's lines. The last one counts once it is whole. */
  const lines = Effect.map(readTextIfAny(join(path, "lines.ndjson"), FILE_LIMITS.journal), (text = "") =>
    text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .flatMap((line) => Option.toArray(decode(line))),
  )
  return { path, read, write, lines }
}

type UnitFiles = ReturnType<typeof unitFiles>

const decode = Schema.decodeOption(Schema.fromJsonString(RunLine))

/** Where a unit is now, with its lines after those that are known. */
export const observation = Effect.fn("UnitFiles.observation")(function* (
  { lines, read }: UnitFiles,
  after: number,
): Effect.fn.Return<Observation, UnreadableFile, FileSystem.FileSystem> {
  const job = yield* read("job")
  if (job === undefined) return { state: "unknown" }
  const runs = isAlive(job)
  // Read after it was found to have ended: then all of it is there.
  const [begun, cancelled, exit, all] = [
    yield* read("begun"),
    yield* read("cancelled"),
    yield* read("exit"),
    yield* lines,
  ]
  const news = { lines: all.slice(after) }
  if (runs && exit === undefined)
    return begun === undefined
      ? { state: "waiting", detail: "It waits until the units before it have ended." }
      : { state: "running", ...news }
  // Code 1 is that of an invalid record, which is a result, and of a program that fell.
  const measured = all.some(({ kind }) => kind === "finished" || kind === "reused")
  const ended = (outcome: Outcome, detail: string): Observation => ({ state: "ended", outcome, detail, ...news })
  if (exit === "0" || (exit === "1" && measured)) return { state: "ended", outcome: "done", ...news }
  if (cancelled !== undefined) return ended("cancelled", "It was cancelled.")
  if (exit === undefined) return ended("lost", "It was killed, or its machine was restarted.")
  if (Number(exit) >= 128) return ended("stopped", `It was ended from outside: exit code ${exit}.`)
  const error = all.findLast((line) => line.kind === "error")
  return ended("failed", error?.kind === "error" ? error.message : `Exit code ${exit}: see its log.`)
})

type Outcome = Extract<Observation, { state: "ended" }>["outcome"]
