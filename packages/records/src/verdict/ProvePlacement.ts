import { CPU, type Effective, type ObservedDevice, placedGpus, type PlacementProof } from "@rigbook/core"
import { CONTEXT_BYTES, type Evidence, onDevices, onProcessor, type Placed } from "./Witnesses.ts"

/** Compares outside observations with the placement. Pure. */
export const provePlacement = (
  cell: Placed,
  effective: Effective | undefined,
  observed: ReadonlyArray<ObservedDevice>,
): PlacementProof => {
  const engine = engineSays(cell, effective)
  const list = processList(cell, observed)
  const { evidence: witnessed, missing } = isOnProcessor(cell)
    ? onProcessor(cell, observed)
    : onDevices(cell, effective?.buffers ?? [], observed)
  const evidence = [...engine, ...list, ...witnessed]
  if (evidence.some(({ agrees }) => !agrees)) return { state: "contradicted", evidence }
  if (missing.length > 0) return { state: "unverified", evidence, missing }
  return { state: engine.length > 0 ? "verified" : "partial", evidence }
}

const isOnProcessor = ({ placement }: Placed): boolean => placement.devices.every((device) => device === CPU)

const engineSays = ({ placement }: Placed, effective: Effective | undefined): Evidence => {
  if (effective === undefined || effective.devices.length === 0) return []
  const found = [...effective.devices].toSorted().join(", ")
  return [
    {
      from: "engine",
      agrees: found === [...placement.devices].toSorted().join(", "),
      detail: `it reports its weights on ${found}`,
    },
  ]
}

/** The driver's list of processes on each device; nothing where it names none of the engine's. */
const processList = (cell: Placed, observed: ReadonlyArray<ObservedDevice>): Evidence => {
  if (!observed.some(({ engine }) => engine === "here")) return []
  const placed = placedGpus(cell)
  const absent = placed.filter((id) => observed.some(({ device, engine }) => device === id && engine === "not here"))
  // A run on the processor alone does not need even a context on a GPU.
  const elsewhere = observed.filter(
    ({ device, engine, processBytes }) =>
      engine === "here" &&
      !placed.includes(device) &&
      (placed.length === 0 || !("value" in processBytes) || processBytes.value > CONTEXT_BYTES),
  )
  const here = observed.filter(({ engine }) => engine === "here").map(({ device }) => device)
  return [
    {
      from: "driver's process list",
      agrees: absent.length === 0 && elsewhere.length === 0,
      detail: `the engine's processes are on ${here.join(", ")}`,
    },
  ]
}
