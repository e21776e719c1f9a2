import { type AnyBackend, backendError, type Backends, type Host, Unsupported } from "@rigbook/core"
import { formatIssue, type Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend, fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { plan } from "../../src/plan/Plan.ts"
import { cellsToRun } from "../../src/run/CellsToRun.ts"

export const GIB = 2 ** 30
export const UNPACKED = { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5, sha256: "c".repeat(64) } as const

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
/** Its models take no more than their parameters. */
export const narrow: AnyBackend = {
  ...fakeBackend(),
  machine: {
    checkModel: ({ context = 0 }: { readonly context?: number }, { parameters }) =>
      context > parameters ? [{ path: ["context"], message: `${parameters} is the most` }] : [],
  },
}
const BACKENDS: Readonly<Record<string, AnyBackend>> = {
  fake: fakeBackend(),
  narrow: { ...narrow, id: "narrow" },
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
export const CONFIG = `name: Model
task: generate
source: { path: ../m.gguf }
backends:
  fake: {}
scenarios:
  - { kind: latency, prompts: chat, requests: 1 }
`
export const EMBED = CONFIG.replace("generate", "embed").replace(
  "{ kind: latency, prompts: chat, requests: 1 }",
  "{ kind: batch, prompts: chat, documents: 1, batchSize: 1 }\n  - { kind: batch, prompts: chat, documents: 64, batchSize: 1 }",
)
export const NOT_INSTALLED = "{ _tag: NotInstalled, detail: It is not there., fix: Install it. }"

/** Plans configs by the names of their files, on a host without a GPU if no other is given. */
export const planned = Effect.fnUntraced(function* (
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
