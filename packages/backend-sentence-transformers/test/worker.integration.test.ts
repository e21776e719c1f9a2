import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { engineProcess, shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem, Queue, Stream } from "effect"
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { cosine, rowsOf } from "../../core/test/engine/worker/embedded.ts"
import { pythonFile } from "../src/PythonFiles.ts"
import { setup } from "../src/Runtime.ts"
import { pythonEnvironment } from "../src/WorkerEnvironment.ts"
import { documents, miniLmInput } from "./MiniLm.ts"

/** The first two mean the same, the third something else. */
const MEANINGS = ["A cat sleeps on the sofa.", "A kitten naps on the couch.", "The central bank raised its rates."]

/** Starts worker.py and gives a way to send it any line and to get its next answer. */
const startRaw = Effect.fnUntraced(function* (env: Readonly<Record<string, string>> = {}) {
  const fs = yield* FileSystem.FileSystem
  const { path } = yield* setup
  const logFile = join(yield* fs.makeTempDirectoryScoped(), "engine.log")
  const args = [pythonFile("worker.py")]
  const engine = yield* engineProcess({ command: path, args, env: pythonEnvironment(env), logFile, channel: true })
  const inbox = yield* Queue.unbounded<string>()
  yield* engine.receivedLines.pipe(
    Stream.runForEach((line) => Queue.offer(inbox, line)),
    Effect.forkScoped,
  )
  const next = Effect.map(Queue.take(inbox), (line) => JSON.parse(line) as Reply)
  const ask = (line: string | object) =>
    Effect.andThen(engine.sendLine(typeof line === "string" ? line : JSON.stringify(line)), next)
  return { ask, engine, path }
})

interface Reply {
  readonly id: number | null
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly kind: string; readonly type: string; readonly message: string }
}

describe("worker.py without a model", () => {
  it.live("answers whatever a line holds, and lives on", () =>
    Effect.gen(function* () {
      const { ask, engine } = yield* startRaw()
      const bad: ReadonlyArray<readonly [string | object, number | null, RegExp]> = [
        ["garbage", null, /not a line of JSON/],
        ["", null, /not a line of JSON/],
        ["\u0000\uFFFF", null, /not a line of JSON/],
        ["[".repeat(100_000), null, /not a line of JSON/],
        ["[1, 2]", null, /JSON object/],
        ["{}", null, /op has to be a str/],
        [{ id: 1 }, 1, /op has to be a str/],
        [{ id: [1], op: "tokens" }, null, /no model is loaded/],
        [{ id: 2, op: "dance" }, 2, /unknown op 'dance', known are load, tokens, encode, memory, close, cancel/],
        [{ id: 3, op: "encode", texts: ["a"], batch_size: 0 }, 3, /no model is loaded/],
        [{ id: 4, op: "memory" }, 4, /no model is loaded/],
      ]
      for (const [line, id, message] of bad) {
        const reply = yield* ask(line)
        assert.strictEqual(reply.id, id)
        assert.strictEqual(reply.error?.kind, "bad-request")
        assert.match(reply.error!.message, message)
      }
      const missing = yield* ask({ id: 5, op: "load", model: "/no/such/model", devices: ["cpu"] })
      assert.deepInclude(missing.error, { kind: "failed", type: "FileNotFoundError" })
      assert.deepStrictEqual(yield* ask({ id: 6, op: "close" }), { id: 6, result: {} })
      assert.strictEqual(yield* engine.exited, 0)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

  it.live("knows too little memory by all its names", () =>
    Effect.gen(function* () {
      const { path } = yield* setup
      const program = [
        "from rigbook_worker import describe",
        "class OutOfMemoryError(RuntimeError): pass",
        "for error in (MemoryError(), OutOfMemoryError('CUDA out of memory. Tried to allocate 2 GiB'),",
        "  RuntimeError(\"DefaultCPUAllocator: can't allocate memory\"), OSError(12, 'Cannot allocate memory'), ValueError('x')):",
        "  print(describe(error)['kind'])",
      ].join("\n")
      const { stdout } = yield* shortCommand(path, ["-c", program], { env: pythonEnvironment() })
      assert.deepStrictEqual(stdout.split("\n"), [...Array<string>(4).fill("out-of-memory"), "failed"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})

describe("worker.py with a model", () => {
  it.live("gives the vectors that a plain script gives, and reports them truly", () =>
    Effect.gen(function* () {
      const input = yield* miniLmInput()
      const { ask, path } = yield* startRaw()
      const model = input.files.path
      const tooLong = yield* ask({ id: 0, op: "load", model, devices: ["cpu"], max_length: 513 })
      assert.match(tooLong.error!.message, /513 is over the 512 positions/)
      const loaded = yield* ask({ id: 1, op: "load", model, devices: ["cpu"], max_length: 64, threads: 2 })
      assert.deepInclude(loaded.result, { max_length: 64 })
      assert.deepInclude((loaded.result!["replicas"] as ReadonlyArray<object>)[0], {
        device: "cpu",
        parameter_devices: ["cpu"],
        threads: 2,
      })
      assert.match((yield* ask({ id: 2, op: "load", model, devices: ["cpu"] })).error!.message, /loaded already/)

      const texts = [...MEANINGS, ...documents(60), "word ".repeat(500)]
      const folder = dirname(input.logFile)
      const counted = yield* ask({ id: 3, op: "tokens", texts })
      const encoded = yield* ask({ id: 4, op: "encode", texts, batch_size: 8, return_vectors: true })
      assert.deepInclude(encoded.result, { count: 64, dimensions: 384, dtype: "float32" })
      const raw = Buffer.from(String(encoded.result!["vectors"]), "base64")
      assert.strictEqual(raw.length, 64 * 384 * 4)
      assert.strictEqual(encoded.result!["sha256"], createHash("sha256").update(raw).digest("hex"))

      writeFileSync(join(folder, "texts.json"), JSON.stringify(texts))
      const plain = yield* shortCommand(path, ["-c", PLAIN, model, folder], {
        env: pythonEnvironment(),
        timeoutMs: 600_000,
      })
      assert.strictEqual(counted.result!["tokens"], Number(plain.stdout.trim()))
      const theirs = rowsOf(readFileSync(join(folder, "plain.f32")), texts.length)
      const ours = rowsOf(raw, texts.length)
      const worst = Math.min(...ours.map((row, index) => cosine(row, theirs[index]!)))
      assert.isAtLeast(worst, 0.99999)
      assert.isAbove(cosine(ours[0]!, ours[1]!), 0.5)
      assert.isBelow(cosine(ours[0]!, ours[2]!), 0.2)

      for (const wrong of [[], ["a", 1], "a", undefined])
        assert.match((yield* ask({ id: 5, op: "encode", texts: wrong, batch_size: 8 })).error!.message, /texts has to/)
      for (const batch_size of [0, -1, 1.5, true, "8"])
        assert.match((yield* ask({ id: 6, op: "encode", texts, batch_size })).error!.message, /batch_size has to/)
      const unrequested = yield* ask({ id: 7, op: "encode", texts: ["a"], batch_size: 1 })
      assert.notProperty(unrequested.result, "vectors")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )
})

/** What a person would write: the same model and texts, one call; tokens counted by the tokenizer alone. */
const PLAIN = `
import json, sys
from sentence_transformers import SentenceTransformer
model, folder = sys.argv[1:]
texts = json.load(open(folder + "/texts.json"))
transformer = SentenceTransformer(model, device="cpu")
transformer.max_seq_length = 64
transformer.encode(texts, batch_size=64).astype("<f4").tofile(folder + "/plain.f32")
ids = transformer.tokenizer(texts, truncation=True, max_length=64)["input_ids"]
print(sum(len(one) for one in ids))
`
