import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { engineProcess } from "../../../src/engine/process/EngineProcess.ts"
import { freePort } from "../../../src/engine/process/FreePort.ts"
import { openAiClient } from "../../../src/engine/process/OpenAiClient.ts"
import { untilReady } from "../../../src/engine/process/Readiness.ts"
import { shortCommand } from "../../../src/engine/process/ShortCommand.ts"
import { syntheticSession } from "./SyntheticSession.ts"

/** Compiles a program of one C file with gcc; fails where there is none. */
export const compile = Effect.fnUntraced(function* (source: URL, folder: string, name: string) {
  const program = join(folder, name)
  const flags = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror"]
  yield* shortCommand("gcc", [...flags, "-o", program, fileURLToPath(source), "-lm"], { timeoutMs: 600_000 })
  return program
})

export const SERVER_SOURCE = new URL("synthd.c", import.meta.url)

/** What the server says of one request. Times are nanoseconds of CLOCK_MONOTONIC, the clock of `process.hrtime`. */
export const Truth = Schema.Struct({
  xid: Schema.String,
  fail: Schema.String,
  tokens: Schema.Int,
  t_req: Schema.Finite,
  t_tok1: Schema.Finite,
  t_last: Schema.Finite,
  /** Microseconds between its writes, with `--log-tokens`. */
  dt_us: Schema.optionalKey(Schema.Array(Schema.Finite)),
})
export type Truth = typeof Truth.Type

const decodeTruth = Schema.decodeUnknownOption(Schema.fromJsonString(Truth))

/** The server for the time of the scope. When that is closed, its log is whole: see `readTruth`. */
export const syntheticServer = Effect.fnUntraced(function* (
  program: string,
  log: string,
  options: ReadonlyArray<string>,
) {
  const port = yield* freePort
  const server = yield* engineProcess({
    command: program,
    args: ["--port", `${port}`, "--log", log, ...options],
    env: {},
    logFile: `${log}.err`,
  })
  const client = yield* openAiClient(port)
  yield* untilReady(server, 600_000, client.getText("/health"))
  return { port, session: yield* syntheticSession(port) }
})

/** What the server logged of the requests that had a name, by that name. */
export const readTruth = Effect.fnUntraced(function* (log: string) {
  const fs = yield* FileSystem.FileSystem
  const lines = (yield* fs.readFileString(log)).split("\n").flatMap((line) => {
    const truth = decodeTruth(line)
    return truth._tag === "Some" && truth.value.xid !== "" ? [truth.value] : []
  })
  return new Map(lines.map((truth) => [truth.xid, truth]))
})
