import { RunLine } from "@rigbook/core"
import { DateTime, Effect, Schema } from "effect"
import { asStarted } from "./AsStarted.ts"
import { writeOut } from "./Stdout.ts"
import { terminalText } from "./Style.ts"

/** Writes to standard output, where results go. */
export const print = (text: string): Effect.Effect<void> => printData(asStarted(text))

/** Writes to standard error what people should know beside the result. */
export const printAside = (text: string): void => void process.stderr.write(`${terminalText(asStarted(text))}\n`)

/** Writes to standard output what programs read: commands in it are not rewritten for the user of this terminal. */
export const printData = (text: string): Effect.Effect<void> =>
  Effect.callback((resume) => void writeOut(`${terminalText(text)}\n`, () => resume(Effect.void)))

export const printJson = (value: unknown): Effect.Effect<void> => printData(JSON.stringify(value, null, 2))

const encodeLine = Schema.encodeSync(Schema.fromJsonString(RunLine))

/** One line of NDJSON. */
export const printLine = (line: RunLine): Effect.Effect<void> => printData(encodeLine(line))

/** The line of a config that can't be measured, or why the run ended. */
export const printError = (message: string): Effect.Effect<void> =>
  Effect.flatMap(DateTime.now, (now) => printLine({ kind: "error", at: DateTime.formatIso(now), message }))
