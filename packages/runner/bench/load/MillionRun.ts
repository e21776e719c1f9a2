/** A cell of a million tokens, as `rigbook run` runs it and `rigbook verify` verifies it, each in a process of its own. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Runtime } from "@rigbook/core"
import { Protocol } from "@rigbook/core"
import { CPU, Device, Host } from "@rigbook/core"
import { makeBackend } from "@rigbook/core"
import { ModelFacts } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import { identityOf } from "@rigbook/core"
import type { CellSpec } from "@rigbook/core"
import { Scenario } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { verifyRecord } from "@rigbook/records"
import { syntheticSet } from "@rigbook/records"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { syntheticSession } from "../../../core/test/models/synthetic/SyntheticSession.ts"
import { run } from "../../src/run/Run.ts"

export const MillionInput = Schema.Struct({
  /** Folder of a workspace. */
  root: Schema.String,
  /** Name of the record to verify; left out to make one. */
  record: Schema.optionalKey(Schema.String),
  port: Schema.Int,
  streams: Schema.Int,
  requests: Schema.Int,
  outputTokens: Schema.Int,
  /** File that the report goes to. */
  out: Schema.String,
})

export const MillionReport = Schema.Struct({
  record: Schema.String,
  findings: Schema.Int,
  /** What it took, of the start of the process nothing. */
  seconds: Schema.Finite,
  cpuSeconds: Schema.Finite,
  /** Resident bytes before the cell, and at the most. */
  rss: Schema.Struct({ before: Schema.Finite, peak: Schema.Finite }),
})

const runtime = new Runtime({
  program: "synthd",
  version: "1",
  origin: "named",
  path: "synthd",
  libraries: {},
})

const model = new ModelFacts({
  format: "gguf",
  architecture: "none",
  parameters: 1,
  quantization: "F32",
  bitsPerWeight: 32,
  weightBytes: 4,
  fileBytes: 4,
  chatTemplate: true,
  sha256: "0".repeat(64),
})

const host = new Host({
  fingerprint: "here",
  cpu: { model: "any", logicalCores: 1 },
  memoryBytes: 1,
  os: "any",
  kernel: "any",
  devices: [new Device({ id: CPU, kind: "cpu", name: "any" })],
})

const cell = ({ outputTokens, port, requests, streams }: typeof MillionInput.Type) => {
  const { license, name, prompts, sha256 } = syntheticSet
  const spec: Omit<CellSpec, "identity"> = {
    config: { id: "million", name: "A million tokens", path: "models/configs/million.yaml" },
    task: "generate",
    backend: "synthetic",
    options: {},
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    scenario: Schema.decodeUnknownSync(Scenario)({
      kind: "concurrency",
      prompts: { tokens: 4 },
      streams,
      requests,
      outputTokens,
    }),
    protocol: Schema.decodeUnknownSync(Protocol)({ warmup: 0, trials: 1 }),
    prompts: { name, sha256, license, count: prompts.length },
    source: { path: "none.gguf" },
    model,
    runtime,
    host,
  }
  const backend = makeBackend({
    id: "synthetic",
    description: "a server with known times",
    tasks: ["generate"],
    config: Schema.Struct({}),
    probe: () => Effect.succeed(runtime),
    inspect: () => Effect.succeed(model),
    open: () => syntheticSession(port),
  })
  return {
    spec: { ...spec, identity: identityOf(spec) },
    requested: "cpu",
    backend,
    options: {},
    files: { path: "none.gguf" },
    prompts: syntheticSet,
    demand: [],
  }
}

const main = Effect.gen(function* () {
  const input = Schema.decodeUnknownSync(Schema.fromJsonString(MillionInput))(process.argv[2])
  const workspace = workspaceAt(input.root, { rigbook: 1 })
  const before = process.memoryUsage.rss()
  const [begun, cpu] = [performance.now(), process.cpuUsage()]
  const { findings, record } =
    input.record === undefined
      ? { findings: 0, record: (yield* run([cell(input)], { workspace }))[0]!.id }
      : {
          findings: (yield* verifyRecord(workspace, join(workspace.raw, input.record))).findings.length,
          record: input.record,
        }
  const { system, user } = process.cpuUsage(cpu)
  const seconds = (performance.now() - begun) / 1e3
  const rss = { before, peak: process.resourceUsage().maxRSS * 1024 }
  const report = { record, findings, seconds, cpuSeconds: (system + user) / 1e6, rss }
  writeFileSync(input.out, Schema.encodeSync(Schema.fromJsonString(MillionReport))(report))
})

if (import.meta.main) await Effect.runPromise(main.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
