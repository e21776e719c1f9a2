import { type Backends, type Connection, type LaunchUnit, makeUnit, type Observation } from "@rigbook/core"
import { cellsToRun, localConnection, plan } from "@rigbook/runner"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fakeWorkspace } from "../../records/test/fakes/workspace.ts"
import { fakeBackend, fakeHost, fakeLog, type LauncherSubject } from "../src/index.ts"

const config = (name: string, tokenMs: number): string => `name: ${name}
task: generate
license: MIT
source: { path: ../m.gguf }
backends:
  fake: { tokenMs: ${tokenMs}, context: 512 }
scenarios:
  - { kind: latency, prompts: chat, requests: 1, outputTokens: 4 }
protocol: { warmup: 1, trials: 2 }
`
const FILES = {
  "models/m.gguf": "weights",
  "benchmarks/configs/prompts/chat.jsonl": '{"id":"a","text":"hello"}\n{"id":"b","text":"good morning"}\n',
  "models/configs/short.yaml": config("Short", 1),
  "models/configs/long.yaml": config("Long", 600_000),
}

/** What a launcher in this process is tested with: the local one, to which a unit that can't run there is added. */
export const inProcess = Effect.gen(function* () {
  const workspace = yield* fakeWorkspace(FILES)
  const log = fakeLog()
  const backends: Backends = { ids: ["fake"], get: () => Effect.succeed(fakeBackend(log)) }
  const host = fakeHost()
  const paths = ["short", "long"].map((name) => join(workspace.configs, `${name}.yaml`))
  const cells = cellsToRun((yield* plan(workspace, paths, backends, host)).cells)
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(join(workspace.root, "models/m.gguf")) // the fake backend makes up its hash
  const facts = { rigbook: "1.0.0", host, engines: {}, nodes: 1, gpuTypes: [] }
  const local = yield* localConnection({ workspace, cells, facts })
  const unit = (id: string, number: number): LaunchUnit => {
    const { requested, spec } = cells.find((cell) => cell.spec.config.id === id)!
    const order = { schema: 1, spec, requested, identity: "own", until: 2, fresh: true } as const
    const shape = { nodes: 1, gpus: 0, seconds: 60 }
    return makeUnit({ startedAt: `2026-01-01T00:00:0${number}Z`, attempt: 1, rounds: 1, shape, cells: [{ order }] })
  }
  const failing = unit("short", 9)
  const failed: Observation = { state: "ended", outcome: "failed", detail: "order:1:1: other prompts", lines: [] }
  const known = new Map<string, Observation>()
  const connection: Connection = {
    ...local,
    submit: (submitted) =>
      submitted.name === failing.name
        ? Effect.sync(() => void known.set(failing.name, failed)).pipe(Effect.as({ id: "0", adopted: false }))
        : local.submit(submitted),
    observe: (units) => Effect.map(local.observe(units), (found) => new Map([...found, ...wanted(known, units)])),
  }
  const subject: LauncherSubject = {
    connect: Effect.succeed(connection),
    workspace,
    short: (number) => unit("short", number),
    long: (number) => unit("long", number),
    failing,
    impossible: { nodes: 1, gpus: 64, seconds: 60 },
    running: Effect.sync(() => (log.opened > log.closed ? ["the fake engine"] : [])),
    secrets: ["someone@192.0.2.7"],
  }
  return { connection, subject }
})

const wanted = (known: ReadonlyMap<string, Observation>, units: Parameters<Connection["observe"]>[0]) =>
  [...known].filter(([name]) => units.some((unit) => unit.name === name))
