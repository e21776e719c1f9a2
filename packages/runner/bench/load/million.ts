/**
 * A million streamed tokens in a cell of their own, as `rigbook run` measures it: what they take in memory and on disk,
 * and whether `rigbook verify` finds in them what was recorded, and how soon.
 */
import { NodeServices } from "@effect/platform-node"
import { shortCommand } from "@rigbook/core/engine"
import { workspaceAt } from "@rigbook/records"
import { readJournal } from "@rigbook/records"
import { Console, Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { compile, SERVER_SOURCE, syntheticServer } from "../../../core/test/models/synthetic/SyntheticServer.ts"
import { bundled, CACHED, FLAGS } from "./Bundle.ts"
import { type MillionInput, MillionReport } from "./MillionRun.ts"

const STREAMS = 128
const TOKENS = 512
const REQUESTS = Math.ceil(1e6 / TOKENS)
const SERVER = ["--ttft", "50:lognormal:0.2", "--itl", "6:normal:0.2", "--seed", "3"]

const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  const out = join(root, "report.json")
  const workspace = workspaceAt(root, { rigbook: 1 })
  yield* fs.makeDirectory(workspace.raw, { recursive: true })
  const server = yield* compile(SERVER_SOURCE, root, "synthd")
  const { port } = yield* syntheticServer(server, join(root, "truth.jsonl"), SERVER)
  const program = yield* bundled("MillionRun")
  const work = { root, port, streams: STREAMS, requests: REQUESTS, outputTokens: TOKENS, out }
  const carriedOut = Effect.fnUntraced(function* (input: typeof MillionInput.Type) {
    yield* shortCommand(process.execPath, [...FLAGS, program, JSON.stringify(input)], {
      timeoutMs: 600_000,
      env: CACHED,
    })
    return Schema.decodeUnknownSync(Schema.fromJsonString(MillionReport))(yield* fs.readFileString(out))
  })
  const ran = yield* carriedOut(work)
  const verified = yield* carriedOut({ ...work, record: ran.record })
  const folder = join(workspace.raw, ran.record)
  const requests = (yield* readJournal(folder))!.samples.flatMap((sample) => sample.requests)
  const tokens = requests.reduce((sum, { chunkMs }) => sum + chunkMs.length, 0)
  const files = yield* Effect.forEach(yield* fs.readDirectory(folder), (file) => fs.stat(join(folder, file)))
  const bytes = files.reduce((sum, { size }) => sum + Number(size), 0)
  const mb = (of: number): string => `${(of / 1e6).toFixed(0)} MB`
  yield* Console.log(
    [
      `${tokens} tokens in ${requests.length} requests over ${STREAMS} streams, of which ${requests.filter(({ outcome }) => outcome !== "ok").length} failed`,
      `the record takes ${(bytes / tokens).toFixed(2)} bytes a token (wanted: 4 at most), ${mb(bytes)} in all`,
      `run: resident ${mb(ran.rss.before)} before, ${mb(ran.rss.peak)} at the most (wanted: 200 MB at most), ${ran.cpuSeconds.toFixed(1)} CPU-s`,
      `verify: ${verified.findings} findings in ${verified.seconds.toFixed(2)} s (wanted: none, 5 s at most), ${verified.cpuSeconds.toFixed(2)} CPU-s, resident ${mb(verified.rss.peak)} at the most`,
    ].join("\n"),
  )
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
