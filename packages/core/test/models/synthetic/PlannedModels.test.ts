import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseConfigFile } from "../../../../records/src/workspace/ConfigFile.ts"
import { variantsOf } from "../../../../records/src/workspace/Variants.ts"
import type { SyntheticModel } from "../../../src/model/SyntheticModel.ts"
import { ggufFile } from "../../../src/models/synthetic/GgufFile.ts"
import { safetensorsFile } from "../../../src/models/synthetic/SafetensorsFolder.ts"
import { fileBytes } from "../../../src/models/synthetic/WeightsFile.ts"
import { ModelConfig } from "../../../src/scenario/ModelConfig.ts"

const FOLDER = join(import.meta.dirname, "../../../../../models/configs")

/** GB that llama.cpp's quantizer and the authors' checkpoints come to, with some MB for the header. */
const SIZES: Readonly<Record<string, string>> = {
  "bge-m3-es-legal-tmp-6": "2.27",
  "llama-3.1-70b-q4_k_m-32k": "42.52",
  "llama-3.1-70b-q4_k_m-8k": "42.52",
  "llama-3.1-8b-f16": "16.06",
  "llama-3.1-8b-q8_0": "8.54",
  "mixtral-8x7b-q4_k_m": "28.45",
  "mixtral-8x7b-q5_k_m": "33.23",
  "paraphrase-multilingual-minilm-l12-v2": "0.47",
  "qwen2.5-72b-q4_k_m": "47.41",
}

const sizeOf = (model: SyntheticModel): string =>
  (fileBytes(model.format === "gguf" ? ggufFile(model) : safetensorsFile(model)) / 1e9).toFixed(2)

describe("the planned models", () => {
  const configs = readdirSync(FOLDER)
    .flatMap((file) =>
      variantsOf(parseConfigFile(readFileSync(join(FOLDER, file), "utf8"), file), file.replace(/\.yaml$/, "")),
    )
    .map(({ file, id }) => ({ id, config: Schema.decodeUnknownSync(ModelConfig)(file.value) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const planned = configs.filter(({ config }) => config.planned !== undefined)

  it("have the shapes of the true ones, to a hundredth of a GB", () => {
    const sizes = planned.map(({ config: { source }, id }) => [
      id,
      "synthetic" in source ? sizeOf(source.synthetic) : "–",
    ])
    assert.deepStrictEqual(Object.fromEntries(sizes), SIZES)
  })

  it("say what they are wanted for, and which of them first", () => {
    assert.isTrue(planned.every(({ config }) => config.planned?.strategy !== undefined))
    assert.deepStrictEqual(
      planned.filter(({ config }) => config.planned?.priority === "high").map(({ id }) => id),
      ["llama-3.1-70b-q4_k_m-32k", "llama-3.1-70b-q4_k_m-8k"],
    )
  })
})
