import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effective } from "@rigbook/core"
import {
  backendError,
  BadModel,
  Crashed,
  NotInstalled,
  OutOfMemory,
  Refused,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import { CPU } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeEnvironment, requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import {
  appendJournal,
  BadJournal,
  JOURNAL_FILE,
  JournalLine,
  mendJournal,
  parseJournal,
  readJournal,
} from "../../src/journal/Journal.ts"

const detail = { detail: "Es brach ab — 壊れた 🧨.", fix: "Run it again." }
const fail = backendError("fake")
const HEADER: JournalLine = {
  kind: "cell",
  schema: 1,
  id: "one",
  startedAt: "2026-01-01T00:00:00.000Z",
  cell: fakeSpec({ license: "MIT" }),
  environment: fakeEnvironment,
  requested: { devices: ["cpu"], settings: { context: 4096, flash: true, mode: "auto" } },
}
const EVENTS: ReadonlyArray<JournalLine> = [
  {
    kind: "opened",
    at: "2026-01-01T00:00:01.000Z",
    effective: new Effective({
      devices: [CPU],
      settings: { context: 4096 },
      buffers: [{ device: "CPU", kind: "model", bytes: 4000 }],
    }),
  },
  {
    kind: "sample",
    sample: trialSample({
      requests: [
        requestSample({
          chunkMs: [0.1 + 0.2, 1 / 3],
          chunkTokens: [1, 2],
          error: "späte Überraschung\nin zwei Zeilen",
          vectors: { count: 1, dimensions: 384 },
          engine: { promptMs: 1.5, callMs: 2 },
          engineMemory: [{ name: "allocated", device: "cuda:0", bytes: 2 ** 40 }],
          textSha256: "e".repeat(64),
          finish: "stop",
        }),
      ],
    }),
  },
  ...[
    new NotInstalled(detail),
    new OutOfMemory(detail),
    new Crashed({ ...detail, exitCode: 137 }),
    new Refused({ ...detail, status: 503 }),
    new TimedOut({ ...detail, afterMs: 1 }),
    new BadModel(detail),
    new Unsupported(detail),
  ].map((reason): JournalLine => ({ kind: "failed", failure: fail(reason, ["last", "words"]) })),
  { kind: "answers", answers: { texts: [{ text: "Größe\n🧨", inputTokens: 12 }, { text: "" }], outputTokens: 32 } },
  { kind: "answers", answers: { vectors: { count: 1, dimensions: 2, base64: "AACAPwAAAEA=" } } },
  { kind: "answers", answers: { absent: "the backend does not return text" } },
  { kind: "finished", at: "2026-01-01T00:01:00.000Z" },
]

const encode = Schema.encodeSync(Schema.fromJsonString(JournalLine))
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(JournalLine))
const WHOLE = Buffer.from([HEADER, ...EVENTS].map((line) => `${encode(line)}\n`).join(""))
/** How many lines are whole in the first `bytes` of a journal. */
const wholeLines = (bytes: number) => WHOLE.subarray(0, bytes).filter((byte) => byte === 0x0a).length

describe("a journal", () => {
  for (const line of [HEADER, ...EVENTS])
    it(`keeps a line: ${line.kind}${line.kind === "failed" ? ` by ${line.failure.reason._tag}` : ""}`, () => {
      const text = encode(line)
      assert.notInclude(text, "\n")
      assert.deepStrictEqual(decode(text), line)
      assert.strictEqual(encode(decode(text)), text)
    })

  it.effect("is read up to where it was cut, at every byte", () =>
    Effect.forEach(
      Array.from({ length: WHOLE.length + 1 }, (_, bytes) => bytes).filter(
        (bytes) => bytes % 13 === 0 || WHOLE[bytes] === 0x0a || WHOLE[bytes - 1] === 0x0a || WHOLE[bytes]! > 127,
      ),
      (bytes) =>
        Effect.gen(function* () {
          const journal = yield* parseJournal(WHOLE.subarray(0, bytes).toString("utf8"), "cut")
          const lines = wholeLines(bytes)
          assert.strictEqual(journal === undefined, lines === 0)
          assert.strictEqual(journal?.openings ?? 0, lines > 1 ? 1 : 0)
          assert.strictEqual(journal?.samples.length ?? 0, lines > 2 ? 1 : 0)
          assert.strictEqual(journal?.failure !== undefined, lines > 3)
          assert.strictEqual(journal?.answers !== undefined, lines > EVENTS.length - 3)
          assert.strictEqual(journal?.finishedAt !== undefined, lines === EVENTS.length + 1)
        }),
      { discard: true },
    ),
  )

  it.effect("names the line that is whole and broken", () =>
    Effect.gen(function* () {
      const good = encode(HEADER)
      for (const [text, line] of [
        ["\n", 1],
        ["{}\n", 1],
        [`${good}\nnonsense\n`, 2],
        [`${good}\n${encode(EVENTS[0]!)}\n{"kind":"sample"}\n${good}`, 3],
        [`${encode(EVENTS[0]!)}\n`, 1],
      ] as const) {
        const error = yield* Effect.flip(parseJournal(text, "raw/one/samples.ndjson"))
        assert.instanceOf(error, BadJournal)
        assert.isTrue(error.message.startsWith(`raw/one/samples.ndjson:${line}: `), error.message)
      }
    }),
  )

  it.layer(NodeServices.layer)((it) => {
    const folderWith = Effect.fnUntraced(function* (bytes: Uint8Array) {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFile(join(folder, JOURNAL_FILE), bytes)
      return folder
    })

    it.effect("is nothing where there is none", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        assert.isUndefined(yield* readJournal(yield* fs.makeTempDirectoryScoped()))
      }),
    )

    it.effect("continues on a line of its own after it was cut and repaired", () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const end = WHOLE.indexOf(0x0a)
        const folder = yield* folderWith(WHOLE.subarray(0, end + 40))
        yield* mendJournal(folder)
        yield* appendJournal(folder, EVENTS.at(-1)!)
        const journal = yield* readJournal(folder)
        assert.deepStrictEqual(journal?.header, HEADER)
        assert.strictEqual(journal?.finishedAt, "2026-01-01T00:01:00.000Z")
        const whole = yield* fs.readFile(join(folder, JOURNAL_FILE))
        yield* mendJournal(folder)
        assert.deepStrictEqual(yield* fs.readFile(join(folder, JOURNAL_FILE)), whole)
      }),
    )

    it.effect("is empty once repaired when its first line was cut", () =>
      Effect.gen(function* () {
        const folder = yield* folderWith(WHOLE.subarray(0, 30))
        yield* mendJournal(folder)
        const fs = yield* FileSystem.FileSystem
        assert.strictEqual((yield* fs.readFile(join(folder, JOURNAL_FILE))).length, 0)
      }),
    )
  })
})
