import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { RequestSample } from "@rigbook/core"
import { trialWork } from "@rigbook/core"
import { syntheticSet } from "@rigbook/records"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import {
  compile,
  readTruth,
  SERVER_SOURCE,
  syntheticServer,
} from "../../../core/test/models/synthetic/SyntheticServer.ts"
import { e2e, icl, outputTps, tpot, ttft } from "../../../records/src/metrics/Generation.ts"
import { protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { runTrial } from "../../src/run/Trial.ts"

/** Every way in which the synthetic server fails, and how we call it. */
const KINDS = {
  none: "ok",
  500: "refused 500",
  503: "refused 503",
  429: "refused 429",
  hang: "no-first-token",
  midhang: "stalled",
  resethead: "no-answer",
  reset: "reset",
  truncate: "truncated",
  malformed: "malformed",
  badutf8: "bad-utf8",
  errevent: "error-event",
  nodone: "no-done",
  empty: "empty",
  html: "wrong-type",
} as const

const FAILURES = Object.keys(KINDS).filter((kind) => kind !== "none")
const REQUESTS = 1500

const kindOf = ({ failure, outcome, status }: RequestSample): string =>
  outcome === "ok" ? "ok" : [failure, status].filter((part) => part !== undefined).join(" ")

layer(NodeServices.layer, { excludeTestServices: true })("requests that fail in every way there is", (it) => {
  for (const [name, traps] of Object.entries({
    "whole events": [],
    "events in pieces, with CRLF and pings": ["--frag", "--crlf", "--ping"],
    "thoughts first, several tokens a chunk": ["--reasoning", "4", "--tokens-per-chunk", "3"],
  }))
    it.effect(`are counted by kind, and leave the figures of the others alone: ${name}`, () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped()
        const log = join(folder, "truth.jsonl")
        const program = yield* compile(SERVER_SOURCE, folder, "synthd")
        const { error, sample } = yield* Effect.gen(function* () {
          const options = ["--ttft", "60:uniform:0.3", "--itl", "5:uniform:0.3", "--seed", "11", "--fail-pct", "10"]
          const { session } = yield* syntheticServer(program, log, [...options, "--fail", FAILURES.join(), ...traps])
          const shape = { kind: "concurrency", streams: 64, requests: REQUESTS, outputTokens: 16 }
          return yield* runTrial({
            backend: "synthetic",
            session,
            ...trialWork(scenario({ ...shape, prompts: { tokens: 5 } }), syntheticSet, "measured-0"),
            protocol: protocol({ stallTimeoutMs: 3_000, firstTokenTimeoutMs: 4_000 }),
            trial: 0,
            phase: "measured",
            opening: 0,
            loadMs: 0,
          })
        }).pipe(Effect.scoped)
        assert.isUndefined(error)
        const truth = yield* readTruth(log)
        assert.strictEqual(truth.size, REQUESTS)
        const reported = sample.requests.map((_, index) => truth.get(`measured-0-${index}`)!)
        assert.deepStrictEqual(
          sample.requests.map(kindOf),
          reported.map(({ fail }) => KINDS[fail as keyof typeof KINDS]),
        )
        assert.sameMembers([...new Set(reported.map(({ fail }) => fail))], Object.keys(KINDS), "each happened")

        const good = sample.requests.filter((_, index) => reported[index]!.fail === "none")
        for (const metric of [ttft, tpot, e2e, icl, outputTps])
          assert.deepStrictEqual(metric.measure(sample), metric.measure({ ...sample, requests: good }), metric.id)

        // What arrives can't come before it was written, nor be requested after it was read: no noise changes that.
        const late: Array<number> = []
        const decodeOff: Array<number> = []
        for (const [index, request] of sample.requests.entries()) {
          const { fail, t_last: last, t_req: requested, t_tok1: first, tokens } = reported[index]!
          if (fail !== "none") continue
          assert.strictEqual(request.outputTokens, tokens)
          const [theirs, ours] = [(first - requested) / 1e6, request.chunkMs[0]! - request.sentMs]
          assert.isAtLeast(ours, theirs - 0.002, "the first token was written before it was read")
          assert.isAtLeast(request.endMs - request.sentMs, (last - requested) / 1e6 - 0.002)
          late.push((ours - theirs) / theirs)
          const decode = request.chunkMs.at(-1)! - request.chunkMs[0]!
          decodeOff.push(Math.abs(decode / ((last - first) / 1e6) - 1))
        }
        const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[values.length >> 1]!
        assert.isBelow(median(late), 0.5, "share of its own time by which half of the first tokens were late")
        assert.isBelow(median(decodeOff), 0.5, "share by which half of the decode times were off")
      }),
    )
})
