import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type AnyBackend, type Backends, textSha256, type ReportedDemand } from "@rigbook/core"
import { formatIssue } from "@rigbook/records"
import { Effect, Schema } from "effect"
import { join } from "node:path"
import { fakeWorkspace, put } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend, fakeModel, type FakeOptions } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import type { Reach } from "../../src/plan/Facts.ts"
import { plan } from "../../src/plan/Plan.ts"
import { cellsToRun } from "../../src/run/CellsToRun.ts"

const GIB = 2 ** 30
const REFUSED = 99
const NOT_INSTALLED = { _tag: "NotInstalled", detail: "It is not there.", fix: "Install it." }
const WHOLE = textSha256("weights")

/** Its hash is that of the header where no more is read, as with real files. */
const inspect: AnyBackend["inspect"] = ({ headersOnly, path }) =>
  Effect.map(fakeBackend().inspect({ path: path.replace(" prepared", "") }), () =>
    fakeModel({ fileBytes: 7, sha256: headersOnly === true ? "b".repeat(64) : WHOLE }),
  )
const fake: AnyBackend = { ...fakeBackend(), inspect }

/** One that has a tool, which knows more than the formula and may refuse a device. */
const asking = (answers: ReadonlyArray<number>): AnyBackend<never> => ({
  ...fake,
  id: "asking",
  tasks: ["generate"],
  machine: {
    ...fake.machine,
    checkModel: ({ context = 0 }: FakeOptions, { parameters }) =>
      context > parameters ? [{ path: ["context"], message: `${parameters} is the most` }] : [],
  },
  memory: {
    ...fake.memory,
    ask: ({ placement: { devices } }): Effect.Effect<ReportedDemand> => {
      const [device] = devices
      const answer = answers[device === "cpu" ? 0 : 1 + Number(device.at(-1))] ?? 0
      if (answer === REFUSED) return Effect.succeed({ refused: `it finds no ${device}` })
      const part = { name: "all", bytes: answer * GIB, basis: "exact", formula: "by the tool" } as const
      return Effect.succeed(
        answer === 0 ? { absent: "no answer" } : { by: "a tool", demand: [{ device, parts: [part] }] },
      )
    },
  },
})

/** One that prepares files, some of which it has prepared before. */
const preparing = (before: boolean): AnyBackend => ({
  ...fake,
  id: "preparing",
  files: {
    prepare: ({ path }) => Effect.succeed({ path: `${path} prepared` }),
    prepared: ({ path }) => Effect.succeed(before ? { path: `${path} prepared` } : undefined),
  },
})

const one = <const A extends ReadonlyArray<string>>(...choices: A) => Schema.Literals(choices)
const some = <S extends Schema.Top>(choice: S, max: number) =>
  Schema.NonEmptyArray(choice).check(Schema.isMaxLength(max))
const list = <S extends Schema.Top>(item: S, length: number) =>
  Schema.Array(item).check(Schema.isMinLength(length), Schema.isMaxLength(length))

/** What a config may say, most of which is right. */
const GENERATED = {
  backends: some(one("fake", "asking", "preparing"), 3),
  needGib: Schema.Literals([0, 1, 2, 4, 9]),
  places: some(one(`"auto"`, `"cpu"`, `"cuda:0"`, `"cuda:1"`, `{ "strategy": "single", "devices": ["cuda:0"] }`), 3),
  scenarios: some(
    one(
      `{ "kind": "latency", "prompts": "chat", "requests": 1 }`,
      `{ "kind": "concurrency", "prompts": "chat", "streams": { "from": 1, "to": 4 } }`,
      `{ "kind": "context", "depth": [512, 1024] }`,
    ),
    3,
  ),
  gpus: list(Schema.Literals([1, 3, 5]), 2),
  answers: list(Schema.Literals([0, 1, 4, REFUSED, 2]), 3),
  before: Schema.Boolean,
  pinned: Schema.Boolean,
  flaws: Schema.Array(
    one(
      "task",
      "gone",
      "cut",
      "pin",
      "backend",
      "context",
      "unfit",
      "probe",
      "key",
      "prompts",
      "kind",
      "strategy",
      "GPUs",
    ),
  ).check(Schema.isMaxLength(2)),
}

/** The text of a config, with what is wrong in it. */
const configOf = (
  given: {
    readonly [Key in "backends" | "places" | "scenarios" | "flaws"]: ReadonlyArray<string>
  } & { readonly needGib: number; readonly pinned: boolean },
): string => {
  const { backends, flaws, needGib, pinned, places, scenarios } = given
  const flawed = (flaw: string, text: string): ReadonlyArray<string> => (flaws.includes(flaw) ? [text] : [])
  const path = flaws.includes("gone") ? "../gone.gguf" : flaws.includes("cut") ? "../cut.broken" : "../m.gguf"
  const pin = flaws.includes("pin") ? "c".repeat(64) : pinned ? WHOLE : undefined
  const options = [
    `"demandBytes": ${needGib * GIB}`,
    ...flawed("context", `"context": 5000`),
    ...flawed("unfit", `"unfit": "no"`),
    ...flawed("probe", `"probeFails": ${JSON.stringify(NOT_INSTALLED)}`),
    ...flawed("key", `"tokenMS": 1`),
  ]
  const batch = `{ "kind": "batch", "prompts": "chat", "documents": 4, "batchSize": 2 }`
  return `name: Model
task: ${flaws.includes("task") ? "embed" : "generate"}
source: { path: ${path}${pin === undefined ? "" : `, sha256: ${pin}`} }
backends:
${[...new Set(backends), ...flawed("backend", "fakes")].map((id) => `  ${id}: { ${options.join(", ")} }`).join("\n")}
placement: [${[...places, ...flawed("strategy", `{ "strategy": "singel", "devices": ["cpu"] }`)].join(", ")}]
scenarios: [${[...scenarios, ...flawed("prompts", `{ "kind": "latency", "prompts": "gone" }`), ...flawed("kind", batch)].join(", ")}]
`
}

layer(NodeServices.layer)("a plan", (it) => {
  it.effect.prop(
    "has the cells, issues and missing parts of a run, for any config and host",
    GENERATED,
    ({ answers, before, gpus, ...given }) =>
      Effect.gen(function* () {
        const workspace = yield* fakeWorkspace({
          "models/m.gguf": "weights",
          "models/cut.broken": "half",
          "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n',
        })
        const config = join(workspace.configs, "one.yaml")
        yield* put(config, configOf(given))
        const all: Readonly<Record<string, AnyBackend>> = {
          fake,
          asking: asking(answers),
          preparing: preparing(before),
        }
        const backends: Backends = { ids: Object.keys(all), get: (id) => Effect.succeed(all[id]) }
        const host = fakeHost(given.flaws.includes("GPUs") ? [] : gpus.map((gib) => gib * GIB))
        const at = (reach: Reach) => plan(workspace, [config], backends, host, { reach })
        const [planned, whole] = [yield* at("here"), yield* at("whole")]
        assert.deepStrictEqual(planned.issues.map(formatIssue), whole.issues.map(formatIssue))
        assert.deepStrictEqual(planned.missing.map(formatIssue), whole.missing.map(formatIssue))
        // All but the file's hash, which takes reading it, and what running takes.
        const shown = ({ cells }: typeof planned) =>
          cells.map((each) => {
            const { cell: _, demandSource: __, model, ...same } = each
            const { sha256: ___, ...facts } = model
            return { ...same, facts }
          })
        assert.deepStrictEqual(shown(planned), shown(whole))
        const ready = planned.cells.filter(({ failure, placement }) => failure === undefined && "value" in placement)
        const name = (cell: object) => JSON.stringify(cell)
        const toRun = cellsToRun(whole.cells).filter(({ failure }) => failure === undefined)
        assert.deepStrictEqual(
          new Set(toRun.map(({ spec: { backend, placement, scenario } }) => name({ backend, scenario, placement }))),
          new Set(
            ready.map(({ backend, placement, scenario }) =>
              name({ backend, scenario, placement: "value" in placement && placement.value }),
            ),
          ),
        )
      }),
    { arbitrary: { runs: 150 } },
  )
})
