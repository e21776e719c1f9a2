import {
  CPU,
  Demand,
  type DemandInput,
  type DemandPart,
  type DeviceDemand,
  type ModelFacts,
  scenarioTask,
  type Task,
} from "@rigbook/core"
import { compute } from "./Compute.ts"
import type { Role } from "./Graph.ts"
import { keysAndValues } from "./KvCache.ts"
import { assignSlots, devicesOf, ownBytes, slotBytes, slotsOf } from "./Layers.ts"
import type { Options } from "./Options.ts"

const MIB = 2 ** 20

/** What llama.cpp's own `-fit` leaves free on each device (`-fitt`): the driver's context takes about half of it. */
const SPARE = { "runtime overhead": 512 * MIB, margin: 512 * MIB } as const

/** Types that llama.cpp copies into another layout for the processor (`ggml/src/ggml-cpu/repack.cpp`, x86). */
const REPACKED = new Set(["Q4_0", "Q4_K", "IQ4_NL"])

/** Memory that llama-server needs for a model on one device, without the driver's memory per process. */
export const demand = (model: ModelFacts, options: Options, task: Task): Demand =>
  new Demand({ parts: [...onOne(model, options, task), scores(model, options)] })

const onOne = (model: ModelFacts, options: Options, task: Task): ReadonlyArray<DemandPart> => [
  {
    name: "weights",
    bytes: model.weightBytes,
    basis: "exact",
    formula: `bytes of all tensors in the file: ${model.weightBytes}`,
    buffer: "model",
  },
  ...keysAndValues(model, options, allLayers(model)),
  ...compute({ model, options, task, role: "single" }),
]

/** What each device of a placement holds, and the host memory beside them. */
export const demandOf = (input: DemandInput<Options>): ReadonlyArray<DeviceDemand> =>
  demandByRole(input).map(({ device, parts }) => ({ device, parts }))

interface PlacedRole extends DeviceDemand {
  readonly role: Role | undefined
  /** Whether the scores of tokens are computed there: it holds the output layer. */
  readonly makesScores: boolean
}

/** The same, with each device's part of the graph; no `role` if a matrix is cut over several. */
export const demandByRole = ({
  config: options,
  host,
  model,
  placement,
  scenario,
}: DemandInput<Options>): ReadonlyArray<PlacedRole> => {
  const task = scenarioTask(scenario)
  const devices = devicesOf(placement)
  const slots = slotsOf(model)
  const taken = devices.length === 0 ? 0 : (placement.layers ?? slots)
  const shares = placement.split ?? devices.map(() => 1)
  const expertLayers = placement.expertLayers ?? 0
  const cut = placement.strategy === "row" || placement.strategy === "tensor"
  const assigned = assignSlots(slots, taken, shares.length === 0 ? [1] : shares)
  const total = shares.reduce((sum, share) => sum + share, 0)
  const partsOf = (role: Role, place: number): ReadonlyArray<DemandPart> => {
    const own = assigned.flatMap((at, slot) => (at === place ? [slot] : []))
    const layers = own.filter((slot) => slot < slots - 1)
    return [
      ...weights(model, own, role === "processor", expertLayers),
      ...keysAndValues(model, options, layers),
      ...compute({ model, options, task, role }),
    ]
  }
  const onDevices = devices.map((device, index) => {
    const kind = host.devices.find(({ id }) => id === device)?.kind
    const role = cut ? undefined : roleOf(index, devices.length, taken < slots)
    const parts =
      role === undefined
        ? onOne(model, options, task).map((part) => sharedOf(part, shares[index]! / total))
        : partsOf(role, index)
    return { device, role, makesScores: assigned.at(-1) === index, parts: [...parts, ...(kind === "gpu" ? spare : [])] }
  })
  const ofHost = devices.length > 1 && !cut ? ("host of a chain" as const) : ("host" as const)
  const beside =
    taken === slots
      ? [...embedding(model), ...experts(model, expertLayers), ...compute({ model, options, task, role: ofHost })]
      : [...embedding(model), ...partsOf("processor", -1), ...repacked(model, (slots - taken) / slots)]
  const parts = [...beside, scores(model, options), program(model, devices.length > 0)]
  return [...onDevices, { device: CPU, role: taken === slots ? ofHost : "processor", makesScores: taken === 0, parts }]
}

const allLayers = ({ layers = 0 }: ModelFacts): ReadonlyArray<number> =>
  Array.from({ length: layers }, (_, layer) => layer)

const roleOf = (index: number, devices: number, partly: boolean): Role => {
  if (partly) return "some layers"
  if (devices === 1) return "single"
  return index === devices - 1 ? "last" : "first"
}

/** Bytes of the slots on one device. On the processor, a tied output uses the token table that is already there. */
const weights = (
  model: ModelFacts,
  own: ReadonlyArray<number>,
  onProcessor: boolean,
  expertLayers: number,
): ReadonlyArray<DemandPart> => {
  if (own.length === 0) return []
  const all = slotsOf(model)
  const bytes = onProcessor ? ownBytes(model) : slotBytes(model, expertLayers)
  if (bytes === undefined)
    return [
      {
        name: "weights",
        bytes: Math.round((model.weightBytes * own.length) / all),
        basis: "heuristic",
        formula: `${own.length} of ${all} equal parts of all tensors: the file does not distinguish them`,
        ...(model.assumed === undefined ? {} : { notes: model.assumed.map((what) => `assumed: ${what}`) }),
        buffer: "model",
      },
    ]
  return [
    {
      name: "weights",
      bytes: own.reduce((sum, slot) => sum + bytes[slot]!, 0),
      basis: "exact",
      formula: `tensors of ${own.length} of ${all} layers, the output counted as one`,
      buffer: "model",
    },
  ]
}

/** The experts on the processor, of layers that otherwise are on a device. */
const experts = ({ tensorBytes }: ModelFacts, layers: number): ReadonlyArray<DemandPart> => {
  const bytes = (tensorBytes?.experts ?? []).slice(0, layers).reduce((sum, each) => sum + each, 0)
  return bytes === 0
    ? []
    : [{ name: "experts", bytes, basis: "exact", formula: `experts of ${layers} layers, on the host`, buffer: "model" }]
}

/** The table of tokens stays in host memory even when every layer is on a GPU (llama.cpp `src/llama-model.cpp`). */
const embedding = ({ tensorBytes }: ModelFacts): ReadonlyArray<DemandPart> =>
  tensorBytes === undefined
    ? []
    : [
        {
          name: "embedding",
          bytes: tensorBytes.input,
          basis: "exact",
          formula: "token tables, on the host",
          buffer: "model",
        },
      ]

const repacked = ({ tensorBytes, types = [] }: ModelFacts, share: number): ReadonlyArray<DemandPart> => {
  const found = types.filter(({ type }) => REPACKED.has(type))
  const layers = tensorBytes?.layers.reduce((sum, bytes) => sum + bytes, 0) ?? Infinity
  const bytes = Math.min(
    layers,
    found.reduce((sum, type) => sum + type.bytes, 0),
  )
  return bytes === 0
    ? []
    : [
        {
          name: "repacked weights",
          bytes: Math.round(bytes * share),
          basis: "heuristic",
          formula: `copies of ${found.map(({ type }) => type).join(", ")} tensors in another layout, for the processor; the file's pages of them can be dropped`,
          buffer: "model",
          droppable: true,
        },
      ]
}

const scores = ({ vocabulary = 0 }: ModelFacts, { parallel }: Options): DemandPart => ({
  name: "output",
  bytes: 4 * vocabulary * parallel,
  basis: "formula",
  formula: `4 B × vocabulary ${vocabulary} × slots ${parallel}`,
  buffer: "output",
})

const program = ({ vocabulary = 0 }: ModelFacts, driver: boolean): DemandPart => ({
  name: "runtime overhead",
  bytes: (driver ? SPARE["runtime overhead"] : 40 * MIB) + 80 * vocabulary,
  basis: "heuristic",
  formula: `the program${driver ? ", its driver" : ""} and its tables of ${vocabulary} tokens, by measurement`,
})

const spare: ReadonlyArray<DemandPart> = [
  {
    name: "runtime overhead",
    bytes: SPARE["runtime overhead"],
    basis: "heuristic",
    formula: "a CUDA context: 0.4 to 0.6 GiB per process",
  },
  {
    name: "margin",
    bytes: SPARE.margin,
    basis: "heuristic",
    formula: "the rest of the 1024 MiB that llama.cpp's -fit keeps free",
  },
]

const sharedOf = (part: DemandPart, share: number): DemandPart => ({
  ...part,
  bytes: Math.ceil(part.bytes * share),
  basis: "heuristic",
  formula: `${(100 * share).toFixed(0)} % of ${part.formula}`,
})
