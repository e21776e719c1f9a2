import { NodeServices } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { engineProcess } from "@rigbook/core/engine"
import { Effect, Queue, Stream } from "effect"
import { sentenceTransformers } from "../src/SentenceTransformers.ts"
import { pythonEnvironment } from "../src/WorkerEnvironment.ts"
import { documents, miniLmInput } from "../test/MiniLm.ts"

const DOCUMENTS = 128
const BATCH_SIZE = 32
const ROUNDS = 21
const WARMUP = 2

/** What the session is compared with: the same call in a Python that does nothing else, timed by itself. */
const PLAIN = `
import json, sys, time
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu")
replies = open(5, "w", buffering=1)
for line in open(4):
    texts = json.loads(line)
    started = time.perf_counter()
    model.encode(texts, batch_size=${BATCH_SIZE}, show_progress_bar=False)
    print((time.perf_counter() - started) * 1000, file=replies)
`

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Rounds take turns, so that whatever else the machine does falls on both; ratios are of one round. */
describe("docs per second", () => {
  it.live(
    "through a session, beside the same loop in plain Python",
    () =>
      Effect.gen(function* () {
        const input = yield* miniLmInput()
        const session = yield* sentenceTransformers.open(input)
        const texts = documents(DOCUMENTS)
        const plain = yield* engineProcess({
          command: input.runtime.path,
          args: ["-c", PLAIN, input.files.path],
          env: pythonEnvironment(),
          logFile: `${input.logFile}.plain`,
          channel: true,
        })
        const inbox = yield* Queue.unbounded<number>()
        yield* plain.receivedLines.pipe(
          Stream.runForEach((line) => Queue.offer(inbox, Number(line))),
          Effect.forkScoped,
        )
        const theirs = Effect.andThen(plain.sendLine(JSON.stringify(texts)), Queue.take(inbox))
        const ours = Effect.gen(function* () {
          let sent = 0
          const observer = { sent: () => void (sent = performance.now()), chunk: () => {} }
          yield* session.send({ task: "embed", texts, batchSize: BATCH_SIZE }, observer)
          return performance.now() - sent
        })
        const rounds: Array<{ readonly plain: number; readonly session: number }> = []
        for (let round = 0; round < WARMUP + ROUNDS; round++) {
          // Who goes first changes from round to round.
          const first = round % 2 === 0 ? yield* theirs : yield* ours
          const second = round % 2 === 0 ? yield* ours : yield* theirs
          if (round < WARMUP) continue
          rounds.push(round % 2 === 0 ? { plain: first, session: second } : { plain: second, session: first })
        }
        const plainMs = median(rounds.map((round) => round.plain))
        const sessionMs = median(rounds.map((round) => round.session))
        const rate = (ms: number): string => `${((DOCUMENTS / ms) * 1000).toFixed(1)} docs/s`
        const paired = rounds.map((round) => round.plain / round.session).toSorted((a, b) => a - b)
        console.log(
          `plain Python ${rate(plainMs)} | through a session ${rate(sessionMs)}`,
          `| ratio of medians ${(plainMs / sessionMs).toFixed(3)}, of single rounds ${paired[ROUNDS >> 2]!.toFixed(3)}`,
          `to ${paired[(3 * ROUNDS) >> 2]!.toFixed(3)} (quartiles of ${ROUNDS} rounds of ${DOCUMENTS} documents); wanted: 0.98 to 1.02`,
        )
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    300_000,
  )
})
