import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { fakeModel, fakeRuntime } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec, protocol, scenario } from "../../../testkit/src/FakeCell.ts"
import { fakeHost, gpuId } from "../../../testkit/src/FakeHosts.ts"
import { Placement } from "../../src/placement/Placement.ts"
import { canonicalJson, recordId } from "../../src/record/Identity.ts"
import type { CellSpec } from "../../src/record/RunRecord.ts"

const base = fakeSpec()
type Change = Partial<Omit<CellSpec, "identity">>

const MATTERS: Record<string, Change> = {
  config: { config: { ...base.config, id: "other" } },
  task: { task: "embed" },
  backend: { backend: "other" },
  options: { options: { threads: 2 } },
  device: { placement: new Placement({ strategy: "single", devices: [gpuId(0)] }) },
  strategy: { placement: new Placement({ strategy: "other", devices: base.placement.devices }) },
  scenario: { scenario: scenario({ kind: "latency", prompts: "fake-prompts", requests: 2, outputTokens: 5 }) },
  protocol: { protocol: protocol({ warmup: 1, trials: 3 }) },
  prompts: { prompts: { ...base.prompts, sha256: "c".repeat(64) } },
  model: { model: fakeModel({ sha256: "d".repeat(64) }) },
  program: { runtime: fakeRuntime({ program: "other" }) },
  version: { runtime: fakeRuntime({ version: "1.1" }) },
  libraries: { runtime: fakeRuntime({ libraries: { tensors: "2.1" } }) },
  host: { host: fakeHost([], 2 ** 33, "another") },
}

const DOES_NOT: Record<string, Change> = {
  name: { config: { ...base.config, name: "Another name" } },
  path: { config: { ...base.config, path: "elsewhere/fake-model.yaml" } },
  license: { license: "MIT" },
  "prompts' name": { prompts: { ...base.prompts, name: "other", license: "MIT" } },
  source: { source: { path: "elsewhere.gguf" } },
  "runtime's path": { runtime: fakeRuntime({ path: "/usr/bin/fake", origin: "named" }) },
  "free memory": { host: fakeHost([], 2 ** 30) },
}

describe("identityOf", () => {
  it("changes with each of its ingredients, to something new every time", () => {
    const all = [base, ...Object.values(MATTERS).map(fakeSpec)].map(({ identity }) => identity)
    assert.deepStrictEqual(new Set(all).size, all.length)
    for (const identity of all) assert.match(identity, /^[0-9a-f]{64}$/)
  })

  for (const [what, change] of Object.entries(DOES_NOT))
    it(`does not change with the ${what}`, () => {
      assert.strictEqual(fakeSpec(change).identity, base.identity)
    })

  it("changes with a reference's content, not with its path", () => {
    const kld = (path: string, sha256: string) =>
      fakeSpec({
        scenario: scenario({ kind: "quality", measure: "kld", prompts: "fake-prompts", reference: { path } }),
        reference: { sha256: sha256.repeat(64), quantization: "F16", bitsPerWeight: 16 },
      }).identity
    assert.strictEqual(kld("here.gguf", "a"), kld("there.gguf", "a"))
    assert.notStrictEqual(kld("here.gguf", "a"), kld("here.gguf", "b"))
  })

  it("does not depend on the order of keys", () => {
    assert.strictEqual(
      fakeSpec({ options: { a: 1, b: { c: 2, d: 3 } } }).identity,
      fakeSpec({ options: { b: { d: 3, c: 2 }, a: 1 } }).identity,
    )
  })
})

describe("recordId", () => {
  it("tells when, what and which, in letters that every file system takes", () => {
    const spec = fakeSpec({ config: { ...base.config, id: "Modèle à/tester" } })
    assert.strictEqual(
      recordId(spec, "2026-03-04T05:06:07.890Z"),
      `20260304T050607Z-Mod-le-tester-fake-latency-fake-prompts-2x4-${spec.identity.slice(0, 8)}`,
    )
  })
})

describe("canonicalJson", () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .toReversed()
              .map(([key, inner]) => [key, reversed(inner)]),
          )
        : value

  it.prop(
    "gives equal texts for equal values, whatever the order of their keys",
    { value: Schema.Json },
    ({ value }) => {
      assert.strictEqual(canonicalJson(reversed(value)), canonicalJson(value))
      assert.deepStrictEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
    },
  )

  it("keeps the order of lists", () => {
    assert.strictEqual(canonicalJson({ b: [2, 1], a: null }), '{"a":null,"b":[2,1]}')
  })
})
