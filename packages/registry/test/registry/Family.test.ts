import { assert, describe, it } from "@effect/vitest"
import type { Entry, ModelFacts } from "@rigbook/core"
import { Schema } from "effect"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeRecord } from "../../../testkit/src/FakeRecords.ts"
import { baseName, familiesOf } from "../../src/registry/Family.ts"

/** A config with one run of a model for each of `models`. */
const entry = (id: string, name: string, ...models: ReadonlyArray<Partial<ModelFacts>>): Entry => ({
  id,
  name,
  family: name,
  records: models.map((model) =>
    fakeRecord({
      cell: fakeSpec({ config: { id, name, path: `models/configs/${id}.yaml` }, model: fakeModel(model) }),
    }),
  ),
  superseded: 0,
  ratings: [],
  notes: [],
})

const sha = (letter: string): string => letter.repeat(64)
const made = (from: string): Partial<ModelFacts> => ({
  quantizedFrom: { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5.7, sha256: sha(from) },
})
const membersOf = (entries: ReadonlyArray<Entry>) =>
  familiesOf(entries).map(({ entries: of, id, name }) => ({ id, name, of: of.map((member) => member.id) }))

describe("baseName", () => {
  it.each([
    ["Llama 3.1 70B Q4_K_M, 8K", "Llama 3.1 70B"],
    ["Mixtral 8x7B IQ3_XXS", "Mixtral 8x7B"],
    ["Tiny (Q8_0) Chat", "Tiny Chat"],
    ["SmolLM2 135M F16 (weights requantized from Q4_1)", "SmolLM2 135M"],
    ["bge-m3, its shape (synthetic weights, 2 of 24 layers)", "bge-m3"],
    ["Qwen 2.5 72B", "Qwen 2.5 72B"],
    ["Q4_K_M", "Q4_K_M"],
  ])("of %s is %s", (name, base) => assert.strictEqual(baseName(name), base))
})

describe("familiesOf", () => {
  it("puts quantizations, what follows a comma and shared weights together", () => {
    const entries = [
      entry("a-f16", "A 1B F16", { sha256: sha("1"), ...made("2") }),
      entry("a-q4", "A 1B", { sha256: sha("2") }),
      entry("a-vllm", "A 1B in another engine", {
        sha256: sha("3"),
        unpackedFrom: { format: "gguf", quantization: "Q4_1", bitsPerWeight: 5.7, sha256: sha("2") },
      }),
      entry("b", "B", { sha256: sha("4") }),
      entry("b-slots", "B, 4 slots", { sha256: sha("5") }),
    ]
    assert.deepStrictEqual(membersOf(entries), [
      { id: "a-1b", name: "A 1B", of: ["a-f16", "a-q4", "a-vllm"] },
      { id: "b", name: "B", of: ["b", "b-slots"] },
    ])
  })

  it("takes random weights of one shape for no sign of kinship", () => {
    const shape = { sha256: sha("1"), synthetic: { layers: 2 } }
    assert.lengthOf(membersOf([entry("a", "A", shape), entry("b", "B", shape)]), 2)
  })

  it("keeps names of files apart, and away from those that lie beside them", () => {
    const ids = membersOf([
      entry("a", "Registry", { sha256: sha("1") }),
      entry("b", "é/é", { sha256: sha("2") }),
      entry("c", "***", { sha256: sha("3") }),
      entry("d", "..", { sha256: sha("4") }),
    ]).map(({ id }) => id)
    assert.strictEqual(new Set(ids).size, 4)
    for (const id of ids) assert.match(id, /^[a-z0-9_][a-z0-9._-]*$/)
    assert.notInclude(ids, "registry")
  })

  const Names = Schema.Array(Schema.Literals(["A", "A Q8_0", "A, x", "B", "B F16", "C"]))
  it.prop("has each config once, whatever the order", [Names], ([names]) => {
    const entries = names.map((name, index) => entry(`config-${index}`, name, { sha256: sha(name.slice(0, 1)) }))
    const families = membersOf(entries)
    assert.sameMembers(
      families.flatMap(({ of }) => of),
      entries.map(({ id }) => id),
    )
    assert.deepStrictEqual(membersOf(entries.toReversed()), families)
    assert.lengthOf(families, new Set(names.map((name) => name.slice(0, 1))).size)
  })
})
