import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { CONFIG, EMBED, GIB, NOT_INSTALLED, planned, UNPACKED } from "./planned.ts"

/** Changes of the config, how many cells are left, and all that is said. */
const ISSUES: Record<string, readonly [text: string, cells: number, ...said: ReadonlyArray<string>]> = {
  "an unknown backend": [
    CONFIG.replace("  fake: {}", "  fake: {}\n  fakes: {}"),
    1,
    '6:3: backends.fakes: unknown backend; did you mean "fake"?',
  ],
  "sizes whose sum is no exact number of bytes": [
    EMBED.replace("{}", "{ demandBytes: 9007199254740991, bytesPerDocument: 9007199254740991 }"),
    0,
    "5:3: backends.fake: what the model needs can't be computed: Expected an integer. Check the sizes in the options and in the model's files.",
  ],
  "more cells than a config may have": [
    `${CONFIG}  - { kind: context, depth: [${Array.from({ length: 256 }, (_, at) => at + 1).join(", ")}] }\nplacement: [cpu, cpu, cpu, cpu]\n`,
    0,
    "6:1: scenarios: 1028 scenarios, rungs and placements; a config has at most 1024",
  ],
  "a backend unlike any": [
    CONFIG.replace("fake: {}", "engine:"),
    0,
    "5:10: backends.engine: unknown backend; available: fake, deaf",
  ],
  "no backend": [
    CONFIG.replace("\n  fake: {}", " {}"),
    0,
    "4:1: backends: name at least one backend; available: fake, deaf",
  ],
  "a backend that can't do the task": [
    CONFIG.replace("  fake: {}", "  fake:\n  deaf: {}"),
    1,
    "6:3: backends.deaf: can't generate; it can embed",
  ],
  "a wrong option": [
    CONFIG.replace("{}", "{ tokenMS: 3 }"),
    0,
    '5:11: backends.fake.tokenMS: unknown key; did you mean "tokenMs"?',
  ],
  "an option that this machine can't honour": [
    CONFIG.replace("{}", "{ unfit: the port is in use }"),
    0,
    "5:18: backends.fake.unfit: the port is in use",
  ],
  "an option that this model can't honour": [
    CONFIG.replace("fake: {}", "narrow: { context: 5000 }"),
    0,
    "5:22: backends.narrow.context: 1000 is the most",
  ],
  "a source to quantize, for a backend that can't": [
    CONFIG.replace("{ path: ../m.gguf }", "{ quantized: { from: { path: ../m.gguf }, to: Q8_0 } }"),
    0,
    "5:3: backends.fake: can't quantize models; name a source that already is quantized",
  ],
  "another model file than the one pinned": [
    CONFIG.replace("../m.gguf", `../m.gguf, sha256: ${"b".repeat(64)}`),
    0,
    `3:36: source.sha256: the model's files have SHA-256 ${"a".repeat(64)}`,
  ],
  "a missing prompt set": [
    `${CONFIG}  - { kind: latency, prompts: chats }\n`,
    1,
    "8:31: scenarios[1].prompts: this prompt set does not exist (benchmarks/configs/prompts/chats.jsonl)",
  ],
  "a scenario of another task": [
    `${CONFIG}  - { kind: batch, prompts: chat, documents: 1, batchSize: 1 }\n`,
    1,
    "8:13: scenarios[1].kind: a batch scenario needs task embed, the config's task is generate",
  ],
  "an unknown device": [
    `${CONFIG}placement: [cpu, "cuda:0"]\n`,
    1,
    '8:18: placement[1]: unknown device "cuda:0"; this host has cpu',
  ],
  "a strategy, devices and shares that don't fit": [
    `${CONFIG}placement:\n  - cpu\n  - { strategy: singel, devices: [cpu, "cuda:0"], split: [1, 1] }\n`,
    1,
    '10:17: placement[1].strategy: unknown strategy "singel"; available: single, cpu; did you mean "single"?',
    '10:40: placement[1].devices[1]: unknown device "cuda:0"; this host has cpu',
    "10:51: placement[1].split: expected 1 shares, one for each device but cpu, found 2",
  ],
  "a share that is none": [
    `${CONFIG}placement: { strategy: single, devices: [cpu], split: [-1] }\n`,
    0,
    "8:56: placement.split[0]: expected a value greater than 0, found -1",
  ],
  "a model that fits nowhere": [
    CONFIG.replace("{}", `{ demandBytes: ${9 * GIB} }`),
    0,
    "1:1: placement: no placement is possible: single: this host has no GPU; cpu: needs 9.00 GiB, host memory has 8.00 GiB free: 1.00 GiB too little",
  ],
  "a scenario that fits nowhere": [
    EMBED.replace("{}", `{ bytesPerDocument: ${GIB} }`),
    1,
    "1:1: placement: no placement is possible: single: this host has no GPU; cpu: needs 64.00 GiB, host memory has 8.00 GiB free: 56.01 GiB too little",
  ],
}

/**
 * What is not there, or can't be read: no mistake in a config. Its cells have it as their failure where there can be
 * any.
 */
const MISSING: typeof ISSUES = {
  "a runtime that is not installed": [
    CONFIG.replace("{}", `{ probeFails: ${NOT_INSTALLED} }`),
    1,
    "5:3: backends.fake: fake: It is not there. Install it.",
  ],
  "a missing model file": [
    CONFIG.replace("m.gguf", "n.gguf"),
    0,
    "3:17: source.path: no model file <root>/models/n.gguf",
  ],
  "a broken model file": [
    CONFIG.replace("m.gguf", "m.broken"),
    0,
    "3:17: source.path: fake: The file is incomplete. Download it again.",
  ],
}

layer(NodeServices.layer)("plan", (it) => {
  for (const [what, [text, count, ...said]] of Object.entries(ISSUES))
    it.effect(`reports ${what}`, () =>
      Effect.gen(function* () {
        const found = yield* planned({ "one.yaml": text })
        assert.deepStrictEqual(
          found.said,
          said.map((line) => `models/configs/one.yaml:${line}`),
        )
        assert.lengthOf(found.cells, count)
      }),
    )

  for (const [what, [text, count, ...said]] of Object.entries(MISSING))
    it.effect(`does not take for a mistake ${what}`, () =>
      Effect.gen(function* () {
        const found = yield* planned({ "one.yaml": text, "two.yaml": CONFIG })
        assert.deepStrictEqual(found.said, [])
        assert.deepStrictEqual(
          found.missing,
          said.map((line) => `models/configs/one.yaml:${line}`),
        )
        const failed = found.cells.filter(({ failure }) => failure !== undefined)
        assert.lengthOf(failed, count)
        for (const { spec } of failed) assert.deepInclude(spec.runtime, { version: "unknown", origin: "unknown" })
        assert.lengthOf(found.cells, count + 1)
      }),
    )

  it.effect("reports a line that is no prompt", () =>
    Effect.gen(function* () {
      const { said } = yield* planned({ "one.yaml": CONFIG.replace("chat", "odd") })
      assert.match(
        said[0]!,
        /^models\/configs\/one\.yaml:7:31: scenarios\[0\]\.prompts: not a prompt: .*\(benchmarks\/configs\/prompts\/odd\.jsonl:2\)$/,
      )
    }),
  )

  it.effect("reports everything in all files at once, and plans the rest", () =>
    Effect.gen(function* () {
      const { missing, said, specs } = yield* planned({
        "a.yaml": CONFIG.replace("fake: {}", "fak: {}").replace("m.gguf", "n.gguf"),
        "b.yaml": "name: [",
        "c.yaml": CONFIG.replace("name: Model\n", "").replace("generate", "chat"),
        "d.yaml": CONFIG,
        "e.yml": `${CONFIG}  - { kind: latency, prompts: nope }\nplacement: tpu\n`,
      })
      assert.deepStrictEqual(
        said.map((line) => /^models\/configs\/(.\.ya?ml:\d+)/.exec(line)?.[1]),
        ["a.yaml:5", "b.yaml:1", "c.yaml:1", "c.yaml:1", "e.yml:8", "e.yml:9"],
      )
      assert.match(missing.join(), /^models\/configs\/a\.yaml:3:/)
      assert.deepStrictEqual(
        specs.map(({ config }) => config.id),
        ["d"],
      )
    }),
  )

  it.effect("has files prepared by the engine, once it is there, before it inspects and opens them", () =>
    Effect.gen(function* () {
      const text = CONFIG.replace("fake: {}", "unpacking: {}")
      const pinned = (sha256: string) => text.replace("../m.gguf", `../m.gguf, sha256: ${sha256}`)
      const { cells, said, specs } = yield* planned({ "one.yaml": pinned(UNPACKED.sha256) })
      assert.deepStrictEqual(said, [])
      assert.deepStrictEqual(specs[0]!.model.unpackedFrom, UNPACKED)
      assert.match(cells[0]!.files.path, /m\.gguf by fake-engine$/)
      assert.deepStrictEqual((yield* planned({ "one.yaml": pinned("a".repeat(64)) })).said, [
        `models/configs/one.yaml:3:36: source.sha256: the model's files have SHA-256 ${UNPACKED.sha256}`,
      ])
      assert.deepStrictEqual((yield* planned({ "one.yaml": text.replace("m.gguf", "m.broken") })).missing, [
        "models/configs/one.yaml:3:17: source.path: unpacking: It is odd. Take another.",
      ])
      const without = yield* planned({ "one.yaml": text.replace("{}", `{ probeFails: ${NOT_INSTALLED} }`) })
      assert.deepStrictEqual(without.missing, [
        "models/configs/one.yaml:5:3: backends.unpacking: fake: It is not there. Install it.",
      ])
      assert.deepStrictEqual([without.all.length, without.cells.length], [1, 0], "planned by its headers, and not run")
    }),
  )

  it.effect("takes options from the workspace that a config does not name itself, and says where one is wrong", () =>
    Effect.gen(function* () {
      const texts = { "plain.yaml": CONFIG, "own.yaml": CONFIG.replace("fake: {}", "fake: { context: 7 }") }
      const optionsBy = (context: unknown, more: object = {}) =>
        planned(texts, fakeHost(), Object.keys(texts), {
          backends: { fake: { context, ...more }, deaf: { context: 1 } },
        })
      const { said, specs } = yield* optionsBy(512)
      assert.deepStrictEqual(said, [])
      assert.deepStrictEqual(
        specs.map(({ options }) => (options as { readonly context: number }).context),
        [512, 7],
      )
      const wrong = yield* optionsBy("wide")
      assert.deepStrictEqual(wrong.said, [
        'models/configs/plain.yaml:5:3: backends.fake.context: expected a number, found "wide" (rigbook.yaml has it for all configs)',
      ])
      assert.lengthOf(wrong.specs, 1)
    }),
  )
})
