import {
  type Exit,
  DeviceId,
  Phase,
  type TelemetryOpening,
  TelemetryReading,
  FILE_LIMITS,
  readTextIfAny,
} from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { cutToWholeLines } from "./WholeLines.ts"

/** One line of telemetry.ndjson. */
export const TelemetryLine = Schema.Union([
  TelemetryReading,
  /** An opening of the engine begins, before its process is started. */
  Schema.Struct({
    kind: Schema.Literal("begin"),
    schema: Schema.Literal(1),
    /** Its number, from 0. */
    opening: Schema.Int,
    at: Schema.String,
    periodMs: Schema.Finite,
    /** Sources of readings that were unavailable. */
    problems: Schema.Array(Schema.String),
  }),
  /** What reads a device, and what it does not report from here on. */
  Schema.Struct({
    kind: Schema.Literal("device"),
    device: DeviceId,
    source: Schema.NonEmptyString,
    absent: Schema.Record(Schema.String, Schema.String),
  }),
  Schema.Struct({
    kind: Schema.Literal("trial"),
    phase: Phase,
    /** Its number in its phase, from 0. */
    trial: Schema.Int,
  }),
  Schema.Struct({ kind: Schema.Literal("trial-end") }),
]).annotate({ identifier: "TelemetryLine" })
export type TelemetryLine = typeof TelemetryLine.Type

/** What was read of the devices while a cell ran, beside its journal. */
export const TELEMETRY_FILE = "telemetry.ndjson"

/** A telemetry.ndjson that can't be read: a line that is complete, but invalid. */
export class BadTelemetry extends Schema.TaggedError<BadTelemetry>()("BadTelemetry", {
  path: Schema.String,
  line: Schema.Int,
  detail: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path}:${this.line}: ${this.detail}`
  }
}

const decodeLine = Schema.decodeUnknownEffect(Schema.fromJsonString(TelemetryLine))

/**
 * Reads a record's telemetry, by opening, up to where it was cut. Empty if the record has none. Fails with
 * `BadTelemetry` if a complete line is invalid, with `UnreadableFile` if the file can't be read.
 */
export const readTelemetry = Effect.fn("TelemetryFile.readTelemetry")(function* (folder: string) {
  const path = join(folder, TELEMETRY_FILE)
  const text = yield* readTextIfAny(path, FILE_LIMITS.telemetry)
  return text === undefined ? [] : yield* parseTelemetry(text, path)
})

/**
 * The part of `readTelemetry` that works on text alone; fails with `BadTelemetry`. What follows the last line end was
 * cut off.
 */
export const parseTelemetry = Effect.fn("TelemetryFile.parseTelemetry")(function* (text: string, path: string) {
  const openings: Array<ReturnType<typeof emptyOpening>> = []
  for (const [index, source] of text.split("\n").slice(0, -1).entries()) {
    const bad = (detail: string) => new BadTelemetry({ path, line: index + 1, detail })
    const line = yield* decodeLine(source).pipe(Effect.mapError(({ message }) => bad(message.split("\n")[0]!)))
    if (line.kind === "begin") openings.push(emptyOpening(line))
    else if (openings.at(-1)?.add(line) !== true) return yield* bad(`a ${line.kind} line in the wrong place`)
  }
  return openings.map(({ opening }): TelemetryOpening => opening)
})

const emptyOpening = ({ at, opening, periodMs, problems }: Extract<TelemetryLine, { readonly kind: "begin" }>) => {
  const devices = new Map<string, { readonly source: string; readonly absent: Readonly<Record<string, string>> }>()
  const readings: Array<TelemetryReading> = []
  const trials: Array<TelemetryOpening["trials"][number]> = []
  let running: { readonly phase: typeof Phase.Type; readonly trial: number; readonly first: number } | undefined
  return {
    opening: { opening, at, periodMs, problems, devices, readings, trials },
    /** Whether the line can follow those that came before. */
    add: (line: Exclude<TelemetryLine, { readonly kind: "begin" }>): boolean => {
      switch (line.kind) {
        case "reading":
          readings.push(line)
          return true
        case "device":
          devices.set(line.device, line)
          return true
        case "trial":
          running = { phase: line.phase, trial: line.trial, first: readings.length }
          return true
        case "trial-end":
          if (running === undefined || running.first === readings.length) return false
          trials.push({ ...running, last: readings.length - 1 })
          running = undefined
          return true
      }
    },
  }
}

/** Appends lines in one write. Fails with `PlatformError`. */
export const appendTelemetry = Effect.fn("TelemetryFile.appendTelemetry")(function* (
  folder: string,
  lines: ReadonlyArray<TelemetryLine>,
) {
  if (lines.length === 0) return
  const fs = yield* FileSystem.FileSystem
  // Plain JSON on both sides of the schema: encoding thousands of readings by it would only cost time.
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("")
  const path = join(folder, TELEMETRY_FILE)
  yield* fs.writeFileString(path, text, { flag: "a" }).pipe(Effect.onError(() => Effect.ignore(cutToWholeLines(path))))
})

/** Removes a line that was cut, so that what is appended next starts on a new line. Fails with `PlatformError` or `UnreadableFile`. */
export const mendTelemetry = Effect.fn("TelemetryFile.mendTelemetry")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, TELEMETRY_FILE)
  if (yield* Effect.orElseSucceed(fs.exists(path), () => true)) yield* cutToWholeLines(path)
})
