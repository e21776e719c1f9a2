import { type CellSpec, identityOf, isQuality, kindOf, type ModelFacts, Runtime, unitsOf } from "@rigbook/core"
import { Schema } from "effect"
import type { Cell } from "./Cell.ts"
import type { EngineFacts, Facts } from "./Facts.ts"
import { type Known, valueOf } from "./Known.ts"
import type { PlacedCell } from "./PlaceCells.ts"

/** A planned cell ready to run; absent if it has no placement, or if only its model's headers were read. Pure. */
export const makeCell = <R>(
  { config, reach }: Facts<R>,
  { backend, failure, files, host, model, options, references, runtime }: EngineFacts<R>,
  { index, prompts, ramp, requested, scenario, weighed: { placement } }: PlacedCell,
  about: Pick<Cell<R>, "demand"> & Pick<CellSpec, "config">,
): Known<Cell<R>> => {
  if (config === undefined || reach !== "whole") return { absent: "only the model's headers were read" }
  if ("absent" in files) return files
  if ("absent" in placement) return placement
  const context = isQuality(scenario) && scenario.measure === "kld" ? scenario.context : undefined
  const found = references?.get(index)
  if (context !== undefined && found === undefined) return { absent: "its reference is unavailable" }
  const reference = context === undefined || found === undefined ? {} : { reference: { ...found, context } }
  const spec: Omit<CellSpec, "identity"> = {
    config: about.config,
    task: config.task,
    backend: backend.id,
    options: Schema.encodeSync(backend.config)(options) as Schema.Json,
    placement: placement.value,
    scenario,
    protocol: { ...config.protocol, ...kindOf(scenario).repetition?.(scenario) },
    prompts: {
      name: prompts.name,
      ...(prompts.file === undefined ? {} : { file: prompts.file }),
      sha256: prompts.sha256,
      count: prompts.dataset === undefined ? (prompts.trace ?? prompts.prompts).length : unitsOf(prompts.dataset),
      license: prompts.license,
      ...(prompts.language === undefined ? {} : { language: prompts.language }),
    },
    source: config.source,
    ...(config.license === undefined ? {} : { license: config.license }),
    model,
    ...(found === undefined ? {} : { reference: factsOf(found.model) }),
    runtime: valueOf(runtime) ?? unknownRuntime(backend.id),
    host,
  }
  const below = ramp?.rungs.slice(0, ramp.at).map((lower) => identityOf({ ...spec, scenario: lower }))
  return {
    value: {
      spec: { ...spec, identity: identityOf(spec) },
      requested,
      backend,
      options,
      files: files.value,
      prompts,
      ...reference,
      demand: about.demand,
      ...(failure === undefined ? {} : { failure }),
      ...(ramp === undefined || below === undefined
        ? {}
        : { ramp: { gain: ramp.ramp.gain, good: ramp.ramp.good, below } }),
    },
  }
}

const factsOf = ({
  bitsPerWeight,
  quantization,
  quantizedFrom,
  sha256,
}: ModelFacts): NonNullable<CellSpec["reference"]> => ({
  sha256,
  quantization,
  bitsPerWeight,
  ...(quantizedFrom === undefined ? {} : { quantizedFrom }),
})

/** What a record has for an engine that was missing. */
const unknownRuntime = (backend: string): Runtime =>
  new Runtime({ program: backend, version: "unknown", origin: "unknown", path: "unknown", libraries: {} })
