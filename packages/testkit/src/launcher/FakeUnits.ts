import { type Backends, type LaunchUnit, makeUnit, ModelFacts, textSha256 } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { cellsToRun, plan } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { findPackageJSON } from "node:module"
import { dirname, join } from "node:path"
import { fakeBackend, fakeLog } from "../FakeBackend.ts"
import { fakeHost } from "../FakeHosts.ts"

const WEIGHTS = "weights"
const WEIGHTS_SHA256 = textSha256(WEIGHTS)

/** Name of this package. */
const OWN = "@rigbook/testkit"

/** What a unit measures: trials of four tokens each. */
export interface FakeUnit {
  readonly tokenMs: number
  readonly trials: number
  /** Resumes what an earlier attempt has measured. */
  readonly resumes?: true
}

const SHORT: FakeUnit = { tokenMs: 1, trials: 2 }
const LONG: FakeUnit = { tokenMs: 600_000, trials: 2 }

const config = (name: string, { tokenMs, trials }: FakeUnit): string => `name: ${name}
task: generate
license: MIT
source: { path: ../m.gguf }
backends:
  fake: { tokenMs: ${tokenMs}, atMost: 4, context: 512 }
scenarios:
  - { kind: latency, prompts: chat, requests: 1, outputTokens: 4 }
protocol: { warmup: 0, trials: ${trials} }
`

/** The fake backend, as a plugin that workers load. */
const FILES = {
  "rigbook.yaml": "rigbook: 1\nplugins: [./fake-engine]\n",
  "models/m.gguf": WEIGHTS,
  "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n{"id":"b","text":"good morning"}\n',
  "fake-engine/package.json": JSON.stringify({
    name: "fake-engine",
    version: "1.0.0",
    type: "module",
    rigbook: { contract: 2, backends: [{ id: "fake", description: "No engine", export: "./index.js#backend" }] },
  }),
  "fake-engine/index.js": `import { ModelFacts } from "@rigbook/core"
import { fakeBackend, fakeLog } from ${JSON.stringify(OWN)}
import { Effect } from "effect"
const fake = fakeBackend(fakeLog())
const inspect = (files) => Effect.map(fake.inspect(files), (facts) => new ModelFacts({ ...facts, sha256: "${WEIGHTS_SHA256}" }))
export const backend = { ...fake, inspect }
`,
}

/** Folder of a package, as this one finds it. */
const folderOf = (name: string): string => dirname(findPackageJSON(name, import.meta.url) ?? "")

/** What `fakeUnits` is, and `unit`, which makes those of further kinds, by name. */
export const fakeUnitsWith = Effect.fn("FakeUnits.fakeUnitsWith")(function* <Name extends string>(
  more: Readonly<Record<Name, FakeUnit>>,
) {
  const kinds: Readonly<Record<Name | "short" | "long", FakeUnit>> = { ...more, short: SHORT, long: LONG }
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-units-" })
  const workspace = workspaceAt(root, { rigbook: 1, plugins: ["./fake-engine"] })
  const configs = Object.entries<FakeUnit>(kinds).map(
    ([name, kind]) => [join(workspace.configs, `${name}.yaml`), config(name, kind)] as const,
  )
  const files = [...Object.entries(FILES).map(([path, text]) => [join(root, path), text] as const), ...configs]
  yield* Effect.forEach(files, ([path, text]) =>
    Effect.andThen(fs.makeDirectory(dirname(path), { recursive: true }), fs.writeFileString(path, text)),
  )
  yield* fs.makeDirectory(join(root, "node_modules/@rigbook"), { recursive: true })
  const packages = { "@rigbook/core": "@rigbook/core", effect: "effect", [OWN]: ".." }
  yield* Effect.forEach(Object.entries(packages), ([name, from]) =>
    fs.symlink(folderOf(from), join(root, "node_modules", name)),
  )
  const fake = fakeBackend(fakeLog())
  const inspect: typeof fake.inspect = (model) =>
    // oxlint-disable-next-line typescript/no-misused-spread -- its fields make another one.
    Effect.map(fake.inspect(model), (facts) => new ModelFacts({ ...facts, sha256: WEIGHTS_SHA256 }))
  const backends: Backends = { ids: ["fake"], get: () => Effect.succeed({ ...fake, inspect }) }
  const paths = configs.map(([path]) => path)
  const cells = cellsToRun((yield* plan(workspace, paths, backends, fakeHost())).cells)
  const unit = (name: keyof typeof kinds, number: number): LaunchUnit => {
    const { requested, spec } = cells.find((cell) => cell.spec.config.id === name)!
    const { resumes, trials } = kinds[name]
    const order = { schema: 1, spec, requested, identity: "own", until: trials, fresh: resumes !== true } as const
    const startedAt = `2026-01-01T00:00:${String(number).padStart(2, "0")}Z`
    const shape = { nodes: 1, gpus: 0, seconds: 300 }
    return makeUnit({ startedAt, attempt: 1, rounds: 1, shape, cells: [{ order }] })
  }
  const failing = unit("short", 59)
  const [{ order }] = failing.cells
  const otherPrompts = { ...order.spec.prompts, sha256: "0".repeat(64) }
  const units = {
    workspace,
    short: (number: number) => unit("short", number),
    long: (number: number) => unit("long", number),
    failing: { ...failing, cells: [{ order: { ...order, spec: { ...order.spec, prompts: otherPrompts } } }] as const },
    impossible: { nodes: 1, gpus: 64, seconds: 60 },
  }
  return { unit, units }
})

/**
 * Units of a backend without an engine, to test a launcher whose units are processes of `rigbook worker`: its workspace,
 * which goes with the scope, and the units that the subject of a suite needs. Fails with `PlatformError` if it can't be
 * written.
 */
export const fakeUnits = Effect.map(fakeUnitsWith({}), ({ units }) => units)
