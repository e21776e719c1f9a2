import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { readPrompts, readPromptSet } from "../../src/workspace/PromptSet.ts"
import { BadPromptSet } from "../../src/workspace/PromptText.ts"
import { put } from "../fakes/workspace.ts"

const OURS = fileURLToPath(new URL("../../../../benchmarks/configs/prompts", import.meta.url))
const HEADER = '{"license":"CC0-1.0","description":"Three words."}'
const ITEMS = [
  '{"id":"a","text":"hello"}',
  '{"id":"b","messages":[{"role":"system","content":""},{"role":"user","content":"hi"}]}',
]

layer(NodeServices.layer)("readPromptSet", (it) => {
  const read = Effect.fnUntraced(function* (text: string) {
    const fs = yield* FileSystem.FileSystem
    const path = join(yield* fs.makeTempDirectoryScoped(), "set.jsonl")
    yield* put(path, text)
    return yield* readPromptSet("set", path)
  })

  const readOwn = Effect.fnUntraced(function* (bytes: Uint8Array, isTrace = false) {
    const fs = yield* FileSystem.FileSystem
    const root = yield* fs.makeTempDirectoryScoped()
    yield* fs.writeFile(join(root, "own.jsonl"), bytes)
    return yield* readPrompts(isTrace ? { trace: "own.jsonl" } : { file: "own.jsonl" }, {
      root,
      prompts: root,
      datasets: root,
    })
  })

  it.effect("reads our own sets", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const files = (yield* fs.readDirectory(OURS)).filter((name) => name.endsWith(".jsonl"))
      assert.includeMembers(files, ["short-chat.jsonl", "documents-en.jsonl", "documents-es.jsonl"])
      for (const file of files) {
        const text = yield* fs.readFileString(join(OURS, file))
        const set = yield* readPromptSet(basename(file, ".jsonl"), join(OURS, file))
        assert.strictEqual(set.license, "CC0-1.0", file)
        assert.strictEqual(set.prompts.length, text.trimEnd().split("\n").length - 1, file)
        assert.strictEqual(set.sha256, textSha256(text))
      }
    }),
  )

  it.effect("takes a header or none, blank lines and either kind of line end", () =>
    Effect.gen(function* () {
      const plain = yield* read(ITEMS.join("\n"))
      assert.deepStrictEqual([plain.name, plain.license, plain.prompts.length], ["set", "not stated", 2])
      for (const text of [
        `${HEADER}\n${ITEMS.join("\n")}\n`,
        `${HEADER}\r\n${ITEMS.join("\r\n")}\r\n`,
        `${HEADER}\n\n${ITEMS.join("\n\n")}\n  \n`,
      ]) {
        const set = yield* read(text)
        assert.strictEqual(set.license, "CC0-1.0")
        assert.deepStrictEqual(set.prompts, plain.prompts)
        assert.notStrictEqual(set.sha256, plain.sha256)
      }
    }),
  )

  it.effect("does not take a prompt that names its licence for a header", () =>
    Effect.gen(function* () {
      const { license, prompts } = yield* read('{"id":"a","text":"hello","license":"MIT"}\n')
      assert.deepStrictEqual([license, prompts.length], ["not stated", 1])
      for (const prompt of ['"text":"hello"', '"prompt":"hello"', '"messages":[{"role":"user","content":"hello"}]']) {
        const row = `{${prompt},"license":"MIT"}`
        for (const rows of [[row], [row, row], [HEADER, row]]) {
          const own = yield* readOwn(Buffer.from(rows.join("\n")))
          assert.lengthOf(own.prompts, rows.filter((line) => line === row).length)
        }
        assert.include((yield* Effect.flip(read(row))).message, "set.jsonl:1: not a prompt: ") // sets need an id
      }
      const wrong = yield* Effect.flip(readOwn(Buffer.from('{"prompt":5,"license":"MIT"}\n{"text":"a"}')))
      assert.include(wrong.message, "own.jsonl:1: not a prompt: ")
    }),
  )

  it.effect("reports the line whose bytes are no UTF-8, in sets, files and traces", () =>
    Effect.gen(function* () {
      const rows = '{"text":"volar"}\n{"text":"voló"}\n{"text":"río"}\n'
      assert.strictEqual((yield* readOwn(Buffer.from(rows))).prompts.length, 3)
      assert.strictEqual((yield* readOwn(Buffer.from(`\ufeff${rows}`))).prompts.length, 3)
      for (const [bytes, line] of [
        [Buffer.from(rows, "latin1"), 2],
        [Buffer.from(rows.trimEnd().split("\n").slice(1).join("\n"), "latin1"), 1],
        [Buffer.from(`\ufeff${rows}`, "utf16le"), 1],
        [Buffer.concat([Buffer.from(rows), Buffer.from([0xed, 0xa0, 0x80])]), 4],
      ] as const) {
        const error = yield* Effect.flip(readOwn(bytes))
        assert.include(error.message, `own.jsonl:${line}: the bytes of this line are not UTF-8`)
      }
      const trace = Buffer.from('{"timestamp":0,"input_length":1,"output_length":1,"note":"\xf3"}', "latin1")
      assert.include(
        (yield* Effect.flip(readOwn(trace, true))).message,
        "own.jsonl:1: the bytes of this line are not UTF-8",
      )
    }),
  )

  it.effect("reports the line with half of a surrogate pair, in texts and chats", () =>
    Effect.gen(function* () {
      const whole = '{"text":"\\ud83d\\ude00"}'
      assert.lengthOf((yield* readOwn(Buffer.from(whole))).prompts, 1)
      for (const half of ["\\ud800", "\\udc00", "\\ude00\\ud83d"])
        for (const row of [`{"prompt":"a ${half}"}`, `{"messages":[{"role":"user","content":"${half} a"}]}`]) {
          const error = yield* Effect.flip(readOwn(Buffer.from(`${whole}\n${row}`)))
          assert.include(error.message, "own.jsonl:2: half of a surrogate pair")
        }
    }),
  )

  it.effect("reports the line that is no prompt", () =>
    Effect.gen(function* () {
      for (const [text, place] of [
        [`${HEADER}\n${ITEMS[0]}\n\n{"id":"c"}\n`, "set.jsonl:4: not a prompt: "],
        [`hello\n${ITEMS[0]}`, "set.jsonl:1: not a prompt: "],
        [`${ITEMS[0]}\n${HEADER}\n`, "set.jsonl:2: not a prompt: "],
        ['{"id":"a","text":""}', "set.jsonl:1: not a prompt: "],
        ['{"id":"a","messages":[]}', "set.jsonl:1: not a prompt: "],
        [HEADER, "set.jsonl: the set is empty"],
        ["", "set.jsonl: the set is empty"],
      ] as const) {
        const error = yield* Effect.flip(read(text))
        assert.instanceOf(error, BadPromptSet)
        assert.include(error.message, place)
        assert.notInclude(error.message, "undefined")
      }
      const missing = yield* Effect.flip(readPromptSet("nope", "/nowhere/nope.jsonl"))
      assert.strictEqual(missing.message, "/nowhere/nope.jsonl: this prompt set does not exist")
    }),
  )

  it.effect("reads somebody's own lines and traces from the workspace, by their paths", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = yield* fs.makeTempDirectoryScoped()
      const lines = ['{"prompt":"Say hi.","output_tokens":9}', '{"text":"Say ho."}', ITEMS[1]!]
      const trace = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n"
      yield* put(join(root, "mine/asked.jsonl"), lines.join("\n"))
      yield* put(join(root, "mine/azure.csv"), trace)
      yield* put(join(root, "mine/odd.jsonl"), `${lines[0]}\n{"question":"?"}\n`)
      const read = (requested: Parameters<typeof readPrompts>[0]) =>
        readPrompts(requested, { root, prompts: root, datasets: root })
      const own = yield* read({ file: "mine/asked.jsonl" })
      assert.deepInclude(own, { name: "mine/asked.jsonl", file: "mine/asked.jsonl", license: "not stated" })
      assert.strictEqual(own.sha256, textSha256(lines.join("\n")))
      assert.deepStrictEqual(own.prompts.slice(0, 2), [{ text: "Say hi." }, { text: "Say ho." }])
      assert.property(own.prompts[2], "messages")
      const traced = yield* read({ trace: "mine/azure.csv" })
      assert.deepInclude(traced, { name: "mine/azure.csv", sha256: textSha256(trace), prompts: [] })
      assert.deepStrictEqual(traced.trace, [{ atMs: 0, inputTokens: 374, outputTokens: 44 }])
      const said = (requested: Parameters<typeof readPrompts>[0]) =>
        Effect.map(Effect.flip(read(requested)), ({ message }) => message.replace(root, ""))
      assert.match(yield* said({ file: "mine/odd.jsonl" }), /^\/mine\/odd\.jsonl:2: not a prompt: /)
      assert.match(yield* said({ trace: "mine/odd.jsonl" }), /^\/mine\/odd\.jsonl:1: not a line in Mooncake's format: /)
      assert.strictEqual(yield* said({ file: "none.jsonl" }), "/none.jsonl: this file does not exist")
    }),
  )
})
