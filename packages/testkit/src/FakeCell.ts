import {
  type CellSpec,
  CPU,
  identityOf,
  type ModelFacts,
  placedDemand,
  Placement,
  type PromptSet,
  Protocol,
  Scenario,
} from "@rigbook/core"
import type { Cell } from "@rigbook/runner"
import { Schema } from "effect"
import { fakeBackend, type FakeLog, fakeLog, fakeModel, fakeOptions, fakeRuntime } from "./FakeBackend.ts"
import { fakeHost } from "./FakeHosts.ts"

/** Three prompts, one of them a chat. */
export const fakePrompts: PromptSet = {
  name: "fake-prompts",
  license: "CC0-1.0",
  sha256: "b".repeat(64),
  prompts: [{ text: "one" }, { messages: [{ role: "user", content: "two" }] }, { text: "three" }],
}

export const scenario = Schema.decodeUnknownSync(Scenario)
export const protocol = Schema.decodeUnknownSync(Protocol)

/** A cell whose model is read from its files, as it is unless a test changes it. */
export type FileSpec = CellSpec & { readonly model: ModelFacts }

/** What a cell is, with `change` applied. Its identity follows from the result. */
export const fakeSpec = (change: Partial<Omit<CellSpec, "identity">> = {}): FileSpec => {
  const spec: Omit<CellSpec, "identity"> = {
    config: { id: "fake-model", name: "Fake model", path: "models/configs/fake-model.yaml" },
    task: "generate",
    backend: "fake",
    options: {},
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    scenario: scenario({ kind: "latency", prompts: fakePrompts.name, requests: 2, outputTokens: 4 }),
    protocol: protocol({ warmup: 1, trials: 2 }),
    prompts: {
      name: fakePrompts.name,
      sha256: fakePrompts.sha256,
      count: fakePrompts.prompts.length,
      license: fakePrompts.license,
    },
    source: { path: "fake.gguf" },
    model: fakeModel(),
    runtime: fakeRuntime(),
    host: fakeHost(),
    ...change,
  }
  return { ...spec, identity: identityOf(spec) } as FileSpec
}

/** A cell of the fake backend; `options` are the fake's, as in a config. */
export const fakeCell = (
  options: Readonly<Record<string, Schema.Json>> = {},
  change: Partial<Omit<CellSpec, "identity">> = {},
  log: FakeLog = fakeLog(),
): Cell => {
  const spec = fakeSpec({ options, ...change })
  const backend = fakeBackend(log)
  return {
    spec,
    requested: "cpu",
    backend,
    options: fakeOptions(options),
    files: { path: "/models/fake.gguf" },
    prompts: fakePrompts,
    demand: placedDemand(backend, { ...spec, config: fakeOptions(options) })(spec.placement),
  }
}
