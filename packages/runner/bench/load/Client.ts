/** Rigbook as a client of the synthetic server, alone in a process whose costs can be measured. Its argument is JSON. */
import { Protocol } from "@rigbook/core"
import { Sample } from "@rigbook/core"
import { trialWork } from "@rigbook/core"
import { syntheticSet } from "@rigbook/records"
import * as Effect from "effect/Effect" // as built packages do: the whole of effect takes 0.1 s and 15 MB
import * as Schema from "effect/Schema"
import { writeFileSync } from "node:fs"
import { Concurrency } from "../../../core/src/scenario/kinds/Concurrency.ts"
import { syntheticSession } from "../../../core/test/models/synthetic/SyntheticSession.ts"
import { runTrial } from "../../src/run/Trial.ts"

export const ClientInput = Schema.Struct({
  port: Schema.Int,
  streams: Schema.Int,
  requests: Schema.Int,
  outputTokens: Schema.Int,
  /** Keeps the main thread busy for 20 ms in every 100, as drawing or telemetry might. */
  blocked: Schema.Boolean,
  /**
   * Collects garbage before and after the trial, to tell what it keeps. By that V8 forgets what it knew of the code: no
   * other figure is to be taken from such a run.
   */
  weighed: Schema.Boolean,
  /** File that the report goes to. */
  out: Schema.String,
})

export const ClientReport = Schema.Struct({
  sample: Sample,
  /** Of the whole process: start, warm-up and trial. */
  cpuMs: Schema.Finite,
  /** Resident bytes at the most. */
  peakBytes: Schema.Finite,
  /** Bytes that are held after the measured trial and were not before: its sample, if nothing leaks. */
  keptBytes: Schema.optionalKey(Schema.Finite),
})

const WARMUP = { rounds: 3, least: 10, tokens: 8 }

const heldBytes = (): number => {
  gc!() // Node is run with --expose-gc
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const BLOCK = { everyMs: 100, ms: 20 }

const block = (): void => {
  setInterval(() => {
    for (const until = performance.now() + BLOCK.ms; performance.now() < until;);
  }, BLOCK.everyMs).unref()
}

const main = Effect.gen(function* () {
  const { blocked, out, outputTokens, port, requests, streams, weighed } = Schema.decodeUnknownSync(
    Schema.fromJsonString(ClientInput),
  )(process.argv[2])
  const session = yield* syntheticSession(port)
  const protocol = Schema.decodeUnknownSync(Protocol)({})
  const trial = (phase: "warmup" | "measured", count: number, tokens: number) => {
    const load = { kind: "concurrency", prompts: { tokens: 4 }, streams, requests: count, outputTokens: tokens }
    const work = trialWork(Schema.decodeUnknownSync(Concurrency)(load), syntheticSet, `${phase}-0`)
    const input = { ...work, backend: "synthetic", session, protocol, trial: 0, phase, opening: 0, loadMs: 0 }
    return Effect.map(runTrial(input), ({ sample }) => sample)
  }
  if (blocked) block()
  yield* trial("warmup", Math.max(WARMUP.least, WARMUP.rounds * streams), WARMUP.tokens)
  const before = weighed ? heldBytes() : 0
  const sample = yield* trial("measured", requests, outputTokens)
  const { system, user } = process.cpuUsage()
  const peakBytes = process.resourceUsage().maxRSS * 1024
  const kept = weighed ? { keptBytes: heldBytes() - before } : {}
  const report = { sample, cpuMs: (system + user) / 1e3, peakBytes, ...kept }
  writeFileSync(out, Schema.encodeSync(Schema.fromJsonString(ClientReport))(report))
})

if (import.meta.main) await Effect.runPromise(Effect.scoped(main))
