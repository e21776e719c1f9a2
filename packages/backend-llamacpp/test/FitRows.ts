import type { ModelFacts } from "@rigbook/core"
import { readGguf } from "@rigbook/core/models"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { QUANTIZATIONS } from "../../core/src/model/Recipe.ts"
import type { SyntheticGguf } from "../../core/src/model/SyntheticModel.ts"
import { ggufOutline } from "../../core/src/models/synthetic/GgufFile.ts"
import { llama70b, llama8b, mixtral, qwen72b } from "../../core/test/models/synthetic/shapes.ts"
import { recorded } from "./recorded.ts"

const SHAPES: Readonly<Record<string, SyntheticGguf>> = {
  "llama31-8b": llama8b,
  "llama31-70b": llama70b,
  "mixtral-8x7b": mixtral,
  "qwen25-72b": qwen72b,
}

/** One line of fit-params.txt: MiB of weights, context and compute by device, the host last. */
export interface FitLine {
  readonly line: string
  /** Such as `llama31-70b-Q4_K_M c=8192 kv=f16 1dev`. */
  readonly name: string
  readonly model: SyntheticGguf
  readonly context: number
  readonly kvCache: string
  readonly devices: ReadonlyArray<readonly [model: number, context: number, compute: number]>
  /** As the tool printed them. */
  readonly printed: ReadonlyArray<string>
}

const quantizationOf = (name: string): SyntheticGguf["quantization"] =>
  QUANTIZATIONS.find((known) => known.toLowerCase() === name.toLowerCase())!

export const fitLines: ReadonlyArray<FitLine> = recorded("fit-params.txt")
  .split("\n")
  .flatMap((line): ReadonlyArray<FitLine> => {
    const [, name, model, quantization, context, kvCache, devices] =
      /^((\S+)-(\w+) c=(\d+) kv=(\w+) \S+) \| (.*) ;$/.exec(line) ?? []
    if (devices === undefined) return []
    const printed = devices.split(" ;")
    return [
      {
        line,
        name: name!,
        model: { ...SHAPES[model!]!, quantization: quantizationOf(quantization!) },
        context: Number(context),
        kvCache: kvCache!,
        devices: printed.map((device) => {
          const [mib, cache, compute] = device.split(" ").slice(1).map(Number)
          return [mib!, cache!, compute!]
        }),
        printed,
      },
    ]
  })

/** Reading a vocabulary takes longer than all else of a row. */
const known = new Map<string, ModelFacts>()

/** What the header alone of such a model tells. */
export const factsOf = Effect.fnUntraced(function* (model: SyntheticGguf) {
  const key = JSON.stringify(model)
  const found = known.get(key)
  if (found !== undefined) return found
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped(), "header.gguf")
  yield* fs.writeFile(path, ggufOutline(model))
  const facts = yield* readGguf(path, { headersOnly: true })
  known.set(key, facts)
  return facts
}, Effect.scoped)
