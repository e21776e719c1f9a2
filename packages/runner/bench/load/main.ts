/**
 * How good Rigbook is as a client: against a server that knows the truth, beside a client in C that does no more
 * than has to be done, and beside those load generators that are installed here. `pnpm bench:load [streams…]`; figures
 * are of one run, on whatever else the machine does.
 */
import { NodeServices } from "@effect/platform-node"
import { shortCommand } from "@rigbook/core/engine"
import { median } from "@rigbook/records"
import { Console, Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { compile, SERVER_SOURCE, syntheticServer } from "../../../core/test/models/synthetic/SyntheticServer.ts"
import { type Accuracy, accuracyOf, type Reported } from "./Accuracy.ts"
import { bundled, CACHED, FLAGS } from "./Bundle.ts"
import { type ClientInput, ClientReport } from "./Client.ts"
import { type InstalledPeer, installedPeers, runPeer } from "./Peers.ts"
import type { PeerWork } from "./peers/Peer.ts"
import { readServerLog } from "./ServerLog.ts"

interface Level {
  /** Six times the streams at the least, and no longer than 15 s. */
  readonly requests: number
  /** So many times C and Rigbook have their turns, and each column is a median. */
  readonly rounds: number
}

/** At 512 streams a share of a processor is compared, which the machine's neighbours change by a tenth from run to run. */
const LEVELS: Readonly<Record<number, Level>> = {
  1: { requests: 10, rounds: 1 },
  32: { requests: 320, rounds: 1 },
  128: { requests: 1280, rounds: 1 },
  512: { requests: 3072, rounds: 3 },
}
const TOKENS = 64
const SERVER = ["--ttft", "150:lognormal:0.2", "--itl", "20:normal:0.1", "--seed", "7", "--log-tokens", "--rt"]

/** At this level a second run has its main thread blocked, as a busy program's would be. */
const BLOCKED_STREAMS = 128

interface Work {
  readonly streams: number
  readonly requests: number
  readonly outputTokens: number
}

interface Row extends Accuracy {
  readonly client: string
  readonly streams: number
  /** CPU seconds per million tokens: while it measured, and with its start and its warm-up. */
  readonly cpu: number
  readonly cpuWhole: number
  /** From the start of the process to its first request, in seconds. */
  readonly startS: number
  /** MB that it keeps of a thousand requests, measured by a run of its own. */
  readonly growth?: number | undefined
  /** Resident peak in MB. */
  readonly peak?: number
}

interface Programs {
  readonly peers: ReadonlyArray<InstalledPeer>
  readonly server: string
  readonly c: string
  readonly rigbook: string
}

const level = Effect.fnUntraced(function* (programs: Programs, streams: number) {
  const { requests, rounds } = LEVELS[streams] ?? { requests: 8 * streams, rounds: 1 }
  const work = { streams, requests, outputTokens: TOKENS }
  const ours = (how: { readonly blocked?: boolean; readonly weighed?: boolean }) =>
    against(programs.server, (port, out) =>
      rigbook(programs.rigbook, { ...work, port, out, blocked: false, weighed: false, ...how }),
    )
  const turns = yield* Effect.forEach(Array.from({ length: rounds }), () =>
    Effect.all([against(programs.server, (port, out) => c(programs.c, port, out, work)), ours({})]),
  )
  const { growth } = yield* ours({ weighed: true })
  return [
    mediansOf(turns.map(([floor]) => floor)),
    { ...mediansOf(turns.map(([, one]) => one)), growth },
    ...(yield* Effect.forEach(programs.peers, (one) =>
      against(programs.server, (port, folder) => peer(one, { ...work, port, folder })),
    )),
    ...(streams === BLOCKED_STREAMS ? [yield* ours({ blocked: true })] : []),
  ]
})

/** Each column by itself. */
const mediansOf = (rows: ReadonlyArray<Row>): Row => {
  const columns = Object.entries(rows[0]!).filter(([, value]) => typeof value === "number")
  const medians = columns.map(([column]) => [column, median(rows.map((row) => Number(row[column as keyof Row])))])
  return { ...rows[0]!, ...Object.fromEntries(medians) }
}

interface Finished {
  readonly reported: ReadonlyMap<string, Reported>
  readonly row: Omit<Row, keyof Accuracy | "startS">
  readonly spawnedNs: number
}

/** Runs a client against a server of its own, and holds it against that server's log. */
const against = <E, R>(server: string, client: (port: number, out: string) => Effect.Effect<Finished, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped()
    const log = join(folder, "truth.jsonl")
    const { row, spawnedNs, reported } = yield* Effect.scoped(
      Effect.flatMap(syntheticServer(server, log, SERVER), ({ port }) => client(port, join(folder, "out"))),
    )
    const truth = yield* readServerLog(log)
    const first = [...truth.values()].reduce((least, { t_req: at }) => Math.min(least, at), Infinity)
    return { ...row, ...accuracyOf(reported, truth, row.streams), startS: (first - spawnedNs) / 1e9 } satisfies Row
  }).pipe(Effect.scoped)

const CLine = Schema.Union([
  Schema.Struct({ id: Schema.String, ttft: Schema.Finite, gaps: Schema.Array(Schema.Finite) }),
  Schema.Struct({ tokens: Schema.Int, cpu_s: Schema.Finite }),
])

const c = Effect.fnUntraced(function* (program: string, port: number, out: string, { requests, streams }: Work) {
  const fs = yield* FileSystem.FileSystem
  const spawnedNs = Number(process.hrtime.bigint())
  yield* shortCommand(program, [port, streams, requests, TOKENS, out].map(String), { timeoutMs: 120_000 })
  const lines = (yield* fs.readFileString(out)).trimEnd().split("\n")
  const read = lines.map((line) => Schema.decodeUnknownSync(Schema.fromJsonString(CLine))(line))
  const reported = new Map(read.flatMap((line) => ("id" in line ? [[line.id, line] as const] : [])))
  const cost = read.find((line) => "cpu_s" in line)!
  const cpu = (cost.cpu_s * 1e6) / cost.tokens
  return { reported, spawnedNs, row: { client: "C, epoll", streams, cpu, cpuWhole: cpu } }
})

const decodeReport = Schema.decodeUnknownSync(Schema.fromJsonString(ClientReport))

const rigbook = Effect.fnUntraced(function* (program: string, input: typeof ClientInput.Type) {
  const { blocked, out, requests, streams } = input
  const fs = yield* FileSystem.FileSystem
  const spawnedNs = Number(process.hrtime.bigint())
  const args = ["--expose-gc", ...FLAGS, program, JSON.stringify(input)]
  yield* shortCommand(process.execPath, args, { timeoutMs: 120_000, env: CACHED })
  const { cpuMs, keptBytes, peakBytes, sample } = decodeReport(yield* fs.readFileString(out))
  const failed = sample.requests.filter(({ outcome }) => outcome !== "ok")
  if (failed.length > 0) return yield* Effect.die(new Error(`${failed.length} requests failed: ${failed[0]!.error}`))
  const reported = new Map(
    sample.requests.map(({ chunkMs, sentMs }, index) => [
      `measured-0-${index}`,
      { ttft: chunkMs[0]! - sentMs, gaps: chunkMs.slice(1).map((at, gap) => at - chunkMs[gap]!) },
    ]),
  )
  const tokens = sample.requests.reduce((sum, { outputTokens = 0 }) => sum + outputTokens, 0)
  const row = {
    client: blocked ? "Rigbook, main thread blocked 20 of 100 ms" : "Rigbook",
    streams,
    cpu: (sample.client!.cpuMs * 1e3) / tokens,
    cpuWhole: (cpuMs * 1e3) / tokens,
    ...(keptBytes === undefined ? {} : { growth: keptBytes / 1e3 / requests }),
    peak: peakBytes / 1e6,
  }
  return { reported, spawnedNs, row }
})

const peer = Effect.fnUntraced(function* (one: InstalledPeer, work: PeerWork) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(work.folder)
  const spawnedNs = Number(process.hrtime.bigint())
  const { cpuS, peakBytes, reported } = yield* runPeer(one, work)
  const cpu = (cpuS * 1e6) / (work.requests * work.outputTokens)
  const client =
    reported.size === work.requests ? one.name : `${one.name}, which reports ${reported.size} of ${work.requests}`
  const row = { client, streams: work.streams, cpu, cpuWhole: cpu, peak: peakBytes / 1e6 }
  return { reported, spawnedNs, row }
})

const HEADERS = [
  ["client", "streams", "TTFT err p99 ms", "TPOT err p99 ms", "gap err p99 ms", "busy streams %"],
  ["CPU-s/Mtok", "with start", "× C", "1st request s", "MB/1000 requests", "peak MB"],
].flat()

const print = (rows: ReadonlyArray<Row>): string =>
  [HEADERS, ...rows.map((row) => cells(row, rows))]
    .map((line) => line.map((cell, index) => cell.padEnd(HEADERS[index]!.length)).join("  "))
    .join("\n")

const cells = (row: Row, rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const floor = rows.find(({ client, streams }) => client.startsWith("C") && streams === row.streams)!
  return [
    row.client,
    String(row.streams),
    row.ttft.toFixed(3),
    row.tpot.toFixed(4),
    row.gap?.toFixed(3) ?? "-",
    (100 * row.rate).toFixed(1),
    row.cpu.toFixed(1),
    row.cpuWhole.toFixed(1),
    (row.cpu / floor.cpu).toFixed(2),
    row.startS.toFixed(2),
    row.growth?.toFixed(1) ?? "-",
    row.peak?.toFixed(0) ?? "-",
  ]
}

const main = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  const programs = {
    server: yield* compile(SERVER_SOURCE, folder, "synthd"),
    c: yield* compile(new URL("cclient.c", import.meta.url), folder, "cclient"),
    rigbook: yield* bundled("Client"),
    peers: yield* installedPeers,
  }
  const requested = process.argv
    .slice(2)
    .map(Number)
    .filter((streams) => streams > 0)
  const rows: Array<Row> = []
  for (const streams of requested.length > 0 ? requested : Object.keys(LEVELS).map(Number)) {
    yield* Console.error(`${streams} streams …`)
    rows.push(...(yield* level(programs, streams)))
  }
  yield* Console.log(print(rows))
})

await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
