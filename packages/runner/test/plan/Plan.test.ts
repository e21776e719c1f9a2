import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { AnyBackend } from "@rigbook/core"
import { backendError, Unsupported } from "@rigbook/core"
import { CPU, type Host } from "@rigbook/core"
import type { Backends } from "@rigbook/core"
import { loadOf, scenarioName } from "@rigbook/core"
import { formatIssue } from "@rigbook/records"
import type { Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend, fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { plan } from "../../src/plan/Plan.ts"
import { cellsToRun } from "../../src/run/CellsToRun.ts"

const GIB = 2 ** 30
const UNPACKED = { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5, sha256: "c".repeat(64) } as const

/** One that reads no GGUF: its engine, which has to be there, unpacks the file first. */
const unpacking: AnyBackend = {
  ...fakeBackend(),
  id: "unpacking",
  files: {
    prepare: ({ path }, { program }) =>
      path.endsWith(".broken")
        ? Effect.fail(backendError("unpacking")(new Unsupported({ detail: "It is odd.", fix: "Take another." })))
        : Effect.succeed({ path: `${path} by ${program}`, unpackedFrom: UNPACKED }),
  },
  inspect: ({ headersOnly = false, path, unpackedFrom }) => {
    if (path.endsWith("m.gguf by fake-engine"))
      return Effect.succeed(
        fakeModel({ format: "safetensors", ...(unpackedFrom === undefined ? {} : { unpackedFrom }) }),
      )
    return headersOnly ? Effect.succeed(fakeModel()) : Effect.die(new Error(`asked to inspect ${path}`))
  },
}
const BACKENDS: Readonly<Record<string, AnyBackend>> = {
  fake: fakeBackend(),
  narrow: {
    ...fakeBackend(),
    id: "narrow",
    machine: {
      checkModel: ({ context = 0 }: { readonly context?: number }, { parameters }) =>
        context > parameters ? [{ path: ["context"], message: `${parameters} is the most` }] : [],
    },
  },
  deaf: { ...fakeBackend(), id: "deaf", tasks: ["embed"] },
  diverging: { ...fakeBackend(), id: "diverging", diverges: true },
  unpacking,
}
const backends: Backends = {
  ids: ["fake", "deaf"],
  get: (id) => Effect.succeed(Object.hasOwn(BACKENDS, id) ? BACKENDS[id] : undefined),
}
const FILES = {
  "models/m.gguf": "weights",
  "models/m.broken": "half of it",
  "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n',
  "benchmarks/configs/prompts/odd.jsonl": '{"id":"a","text":"hello"}\n{"id":"b"}\n',
}
const CONFIG = `name: Model
task: generate
source: { path: ../m.gguf }
backends:
  fake: {}
scenarios:
  - { kind: latency, prompts: chat, requests: 1 }
`
const EMBED = CONFIG.replace("generate", "embed").replace(
  "{ kind: latency, prompts: chat, requests: 1 }",
  "{ kind: batch, prompts: chat, documents: 1, batchSize: 1 }\n  - { kind: batch, prompts: chat, documents: 64, batchSize: 1 }",
)
const NOT_INSTALLED = "{ _tag: NotInstalled, detail: It is not there., fix: Install it. }"

const planned = Effect.fnUntraced(function* (
  texts: Readonly<Record<string, string>>,
  host: Host = fakeHost(),
  configs: ReadonlyArray<string> = Object.keys(texts),
  options: Partial<Workspace["config"]> = {},
) {
  const entries = Object.entries(texts).map(([name, text]) => [`models/configs/${name}`, text])
  const made: Workspace = yield* fakeWorkspace({ ...FILES, ...Object.fromEntries(entries) })
  const workspace = { ...made, config: { ...made.config, ...options } }
  const paths = configs.map((name) => join(workspace.configs, name))
  const { cells: all, issues, missing } = yield* plan(workspace, paths, backends, host)
  const cells = cellsToRun(all)
  const say = (some: typeof issues) => some.map((issue) => formatIssue(issue).replaceAll(workspace.root, "<root>"))
  return { all, cells, specs: cells.map(({ spec }) => spec), said: say(issues), missing: say(missing) }
})

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

  it.effect("makes a cell of each backend, scenario and placement, each with an identity of its own", () =>
    Effect.gen(function* () {
      const text = `${EMBED.replace("  fake: {}", "  fake: { tokenMs: 3 }\n  deaf:")}placement: [auto, cpu, "cuda:0"]\n`
      const { cells, said, specs } = yield* planned({ "one.yaml": text }, fakeHost([4 * GIB, 8 * GIB]))
      assert.deepStrictEqual(said, [])
      const documents = (index: number) =>
        specs[index]!.scenario.kind === "batch" ? specs[index]!.scenario.documents : 0
      const devices: ReadonlyArray<string> = [gpuId(1), CPU, gpuId(0)]
      assert.deepStrictEqual(
        specs.map(({ backend, placement }, index) => [backend, documents(index), placement.devices.join()]),
        [1, 64].flatMap((count) => ["fake", "deaf"].flatMap((id) => devices.map((on) => [id, count, on]))),
      )
      assert.strictEqual(new Set(specs.map(({ identity }) => identity)).size, 12)
      assert.deepInclude(specs[0]!.options, { tokenMs: 3, firstMs: 1 })
      assert.deepInclude(cells[0]!.options, { tokenMs: 3, firstMs: 1 })
      assert.deepStrictEqual(specs[0]!.config, { id: "one", name: "Model", path: "models/configs/one.yaml" })
      assert.deepInclude(specs[0]!.prompts, { name: "chat", count: 1, license: "not stated" })
    }),
  )

  it.effect("makes a cell of each rung of a ladder, and needs no file for prompts that are made up", () =>
    Effect.gen(function* () {
      const ladders = [
        "{ kind: concurrency, prompts: chat, streams: [1, 4] }",
        "{ kind: open-loop, prompts: { tokens: 64 }, rate: [0.5, 2] }",
        "{ kind: context, depth: [512, 1024] }",
      ]
      const text = CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", ladders.join("\n  - "))
      const { said, specs } = yield* planned({ "one.yaml": text })
      assert.deepStrictEqual(said, [])
      assert.deepStrictEqual(
        specs.map(({ prompts, scenario }) => `${scenarioName(scenario)} of ${prompts.name}`),
        [
          "concurrency-1-chat-4x128 of chat",
          "concurrency-4-chat-16x128 of chat",
          "open-loop-poisson-0.5-64-tokens-100x128 of synthetic-1",
          "open-loop-poisson-2-64-tokens-100x128 of synthetic-1",
          "context-512-1x32 of synthetic-1",
          "context-1024-1x32 of synthetic-1",
        ],
      )
      assert.strictEqual(new Set(specs.map(({ identity }) => identity)).size, 6)
    }),
  )

  it.effect("makes a cell of each rung of a ramp, which know the rungs below", () =>
    Effect.gen(function* () {
      const ladders = [
        "{ kind: concurrency, prompts: chat, streams: 2 }",
        "{ kind: concurrency, prompts: chat, streams: { from: 1, to: 8, gain: 0.1 } }",
      ]
      const text = CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", ladders.join("\n  - "))
      const { cells, said } = yield* planned({ "one.yaml": text })
      assert.deepStrictEqual(said, [])
      const loads = cells.map(({ spec }) => loadOf(spec.scenario))
      assert.deepStrictEqual(loads, [2, 1, 4, 8], "2 streams were requested already, and are one cell")
      const below = (at: number) =>
        cells[at]!.ramp?.below.map((identity) => loads[cells.findIndex(({ spec }) => spec.identity === identity)])
      assert.deepStrictEqual([below(0), below(1), below(2), below(3)], [undefined, [], [1, 2], [1, 2, 4]])
      assert.deepInclude(cells[3]!.ramp, { gain: 0.1, good: 0.99 })
    }),
  )

  it.effect("makes a cell of quality against a reference, which the processor holds beside the model", () =>
    Effect.gen(function* () {
      const text = (backend: string, path: string, more = "") =>
        CONFIG.replace("fake: {}", `${backend}: {}`).replace(
          "{ kind: latency, prompts: chat, requests: 1 }",
          `{ kind: quality, measure: kld, prompts: chat, context: 64, reference: { path: ${path}${more} } }`,
        )
      const { cells, said } = yield* planned({ "one.yaml": text("diverging", "../m.gguf") })
      assert.deepStrictEqual(said, [])
      const cell = cells[0]!
      assert.deepInclude(cell.reference, { context: 64, model: fakeModel() })
      assert.strictEqual(cell.spec.reference?.sha256, fakeModel().sha256)
      assert.deepInclude(cell.spec.protocol, { warmup: 0, trials: 1 })
      const bytes = cell.demand.flatMap(({ parts }) =>
        parts.flatMap((part) => (part.name === "weights of the reference" ? [part.bytes] : [])),
      )
      assert.deepStrictEqual(bytes, [fakeModel().weightBytes])
      const unable = yield* planned({ "one.yaml": text("fake", "../m.gguf") })
      assert.match(unable.said[0]!, /scenarios\[0\]\.reference: fake can't compare a model with a reference/)
      const gone = yield* planned({ "one.yaml": text("diverging", "../gone.gguf") })
      assert.match(gone.missing[0]!, /scenarios\[0\]\.reference: no model file .*gone\.gguf/)
      const other = yield* planned({ "one.yaml": text("diverging", "../m.gguf", `, sha256: ${"e".repeat(64)}`) })
      assert.match(other.said[0]!, /scenarios\[0\]\.reference\.sha256: the reference's file has SHA-256/)
    }),
  )

  it.effect("makes a cell of quality of a dataset, with two trials whatever the protocol says", () =>
    Effect.gen(function* () {
      const requested = (scenarios: string) =>
        CONFIG.replace("task: generate", "task: embed").replace(
          "{ kind: latency, prompts: chat, requests: 1 }",
          scenarios,
        )
      const own = "{ kind: quality, measure: retrieval, dataset: { file: own.jsonl } }"
      const files = {
        "../../own.jsonl":
          '{"license":"MIT","language":"es"}\n{"query":"a","document":"b"}\n{"query":"c","document":"d"}\n',
        "../../benchmarks/configs/datasets/pairs.jsonl": '{"sentence1":"a","sentence2":"b","score":1}\n',
      }
      const { said, specs } = yield* planned({ "one.yaml": requested(own), ...files }, undefined, ["one.yaml"])
      assert.deepStrictEqual(said, [])
      const spec = specs[0]!
      assert.strictEqual(scenarioName(spec.scenario), "quality-retrieval-own")
      assert.deepInclude(spec.prompts, {
        name: "own.jsonl",
        file: "own.jsonl",
        count: 2,
        license: "MIT",
        language: "es",
      })
      assert.deepInclude(spec.protocol, { warmup: 0, trials: 2 })
      const wrong = [
        "{ kind: quality, measure: sts, dataset: nope }",
        "{ kind: quality, measure: sts, dataset: pairs }",
        "{ kind: quality, measure: sts, dataset: { file: own.jsonl } }",
      ].join("\n  - ")
      const { said: found } = yield* planned({ "one.yaml": requested(wrong), ...files }, undefined, ["one.yaml"])
      assert.match(
        found[0]!,
        /scenarios\[0\]\.dataset: this dataset does not exist \(benchmarks\/configs\/datasets\/nope/,
      )
      assert.match(found[1]!, /scenarios\[1\]\.dataset: all pairs have one and the same score/)
      assert.match(found[2]!, /scenarios\[2\]\.dataset\.file: not a line of this dataset: .*\(own\.jsonl:2\)$/)
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

  it.effect("takes prompts and traces from files of the workspace", () =>
    Effect.gen(function* () {
      const scenarios = [
        "{ kind: latency, prompts: { file: mine/asked.jsonl } }",
        "{ kind: trace, file: mine/trace.csv }",
        "{ kind: trace, file: mine/trace.csv, longest: 10 }",
        "{ kind: trace, file: mine/asked.jsonl }",
        "{ kind: latency, prompts: { file: mine/none.jsonl } }",
      ]
      const text = CONFIG.replace("{ kind: latency, prompts: chat, requests: 1 }", scenarios.join("\n  - "))
      const files = {
        "../../mine/asked.jsonl": '{"prompt":"hello"}\n{"prompt":"you"}\n',
        "../../mine/trace.csv": "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.6805900,374,44\n",
      }
      const { said, specs } = yield* planned({ "one.yaml": text, ...files }, undefined, ["one.yaml"])
      assert.deepStrictEqual(
        specs.map(({ prompts: { count, file, name } }) => [name, file, count]),
        [
          ["mine/asked.jsonl", "mine/asked.jsonl", 2],
          ["mine/trace.csv", "mine/trace.csv", 1],
        ],
      )
      const at = "models/configs/one.yaml"
      assert.deepStrictEqual(
        said.map((line) => line.replace(/(format): .*\(/, "$1 (")),
        [
          `${at}:9:51: scenarios[2].longest: no request of mine/trace.csv has 10 tokens or less`,
          `${at}:10:26: scenarios[3].file: not a line in Mooncake's format (mine/asked.jsonl:1)`,
          `${at}:11:39: scenarios[4].prompts.file: this file does not exist (mine/none.jsonl)`,
        ],
      )
    }),
  )

  it.effect("makes one cell of two words for one placement", () =>
    Effect.gen(function* () {
      const { specs } = yield* planned({ "one.yaml": `${CONFIG}placement: [auto, cpu]\n` })
      assert.deepStrictEqual(
        specs.map(({ placement }) => placement.devices.join()),
        ["cpu"],
      )
    }),
  )

  it.effect("gives the same cells for the same configs", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* planned({ "one.yaml": CONFIG }), yield* planned({ "one.yaml": CONFIG })]
      assert.deepStrictEqual(first.specs, second.specs)
    }),
  )
})
