/** A million streamed tokens: what they take in memory and on disk, and whether what is read back is what was seen. */
import { NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Schema } from "effect"
import { deepStrictEqual } from "node:assert"
import { join } from "node:path"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { shortCommand } from "../../src/process/ShortCommand.ts"
import { Sample } from "../../src/run/Sample.ts"
import { valuesOf } from "../../src/run/Values.ts"
import { compile, SERVER_SOURCE, syntheticServer } from "../../test/synthetic/SyntheticServer.ts"
import { bundledClient } from "./Bundle.ts"
import { ClientReport } from "./Client.ts"

const STREAMS = 128
const TOKENS = 512
const REQUESTS = Math.ceil(1e6 / TOKENS)
const SERVER = ["--ttft", "50:lognormal:0.2", "--itl", "6:normal:0.2", "--seed", "3"]

const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const out = join(folder, "report.json")
  const server = yield* compile(SERVER_SOURCE, folder, "synthd")
  const { port } = yield* syntheticServer(server, join(folder, "truth.jsonl"), SERVER)
  const client = yield* bundledClient
  const input = JSON.stringify({
    port,
    streams: STREAMS,
    requests: REQUESTS,
    outputTokens: TOKENS,
    blocked: false,
    out,
  })
  yield* shortCommand(process.execPath, ["--expose-gc", client, input], { timeoutMs: 600_000 })
  const report = Schema.decodeUnknownSync(Schema.fromJsonString(ClientReport))(yield* fs.readFileString(out))
  const { keptBytes, rss, sample, values } = report
  deepStrictEqual(valuesOf([sample], METRICS), values, "what is read back gives other figures")
  const bytes = Buffer.byteLength(Schema.encodeSync(Schema.fromJsonString(Sample))(sample))
  const tokens = sample.requests.reduce((sum, { outputTokens = 0 }) => sum + outputTokens, 0)
  const mb = (of: number): string => `${(of / 1e6).toFixed(0)} MB`
  yield* Console.log(
    [
      `${tokens} tokens in ${sample.requests.length} requests over ${STREAMS} streams`,
      `on disk ${(bytes / tokens).toFixed(2)} bytes a token (wanted: 4 at most), ${mb(bytes)} in all`,
      `kept after a collection ${mb(keptBytes)}; resident ${mb(rss.before)} before, ${mb(rss.after)} after, ${mb(rss.peak)} at the most (wanted: 200 MB at most)`,
      `${values.length} figures read back the same, to the digit`,
    ].join("\n"),
  )
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
