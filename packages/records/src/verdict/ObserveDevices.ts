import {
  absent,
  type CellSpec,
  CPU,
  type DeviceField,
  DeviceId,
  type Effective,
  EngineBuffer,
  engineBytes,
  Measured,
  measured,
  ObservedDevice,
  placedGpus,
  PlacementProof,
  type Sample,
  seriesOf,
  type TelemetryOpening,
  trialTelemetry,
} from "@rigbook/core"

/** The GPUs that telemetry read while measured trials ran. Pure. */
export const observeDevices = (
  openings: ReadonlyArray<TelemetryOpening>,
  samples: ReadonlyArray<Sample>,
): ReadonlyArray<ObservedDevice> => {
  const trials = samples
    .filter(({ phase }) => phase === "measured")
    .flatMap((sample) => trialTelemetry(openings, sample, []) ?? [])
  const ids = new Set(trials.flatMap(({ readings }) => readings.flatMap(({ devices = {} }) => Object.keys(devices))))
  const listed = (device: DeviceId) =>
    trials.flatMap(({ readings }) => readings.flatMap(({ devices }) => devices?.[device]?.processes ?? []))
  const recognised = [...ids].some((id) => listed(DeviceId.make(id)).some(({ owner }) => owner === "ours"))
  return [...ids].toSorted().map((id) => {
    const device = DeviceId.make(id)
    const largest = (field: DeviceField, values: ReadonlyArray<number>): Measured =>
      values.length === 0
        ? absent(trials[0]?.whyAbsent(device, field) ?? "no reading was taken")
        : measured(values.reduce((most, value) => Math.max(most, value)))
    const all = (value: Parameters<typeof seriesOf>[2]) =>
      trials.flatMap(({ readings }) => seriesOf(readings, device, value).map((one) => one.value))
    const deltas = trials.flatMap(({ idle, readings }) => {
      const before = idle.devices?.[device]?.usedBytes
      return before === undefined
        ? []
        : seriesOf(readings, device, ({ usedBytes }) => usedBytes).map(({ value }) => value - before)
    })
    const here = listed(device).some(({ owner }) => owner === "ours")
    const bytes = all(engineBytes)
    return {
      device,
      engine: here ? ("here" as const) : recognised ? ("not here" as const) : ("untold" as const),
      processBytes:
        bytes.length === 0 && listed(device).length > 0
          ? absent("the driver lists no process of the engine with its memory")
          : largest("processes", bytes),
      usedDeltaBytes: largest("usedBytes", deltas),
      utilization: largest(
        "utilization",
        all(({ utilization }) => utilization),
      ),
    }
  })
}

/** Memory on a device outside the placement, up to which it counts as a driver's context. */
const CONTEXT_BYTES = 700 * 2 ** 20
/** Share by which memory in use may differ from what the engine reports; the context comes on top. */
const TOLERANCE = 0.1

/** Compares outside observations with the placement. Pure. */
export const provePlacement = (
  cell: Pick<CellSpec, "host" | "placement">,
  effective: Effective | undefined,
  observed: ReadonlyArray<ObservedDevice>,
): PlacementProof => {
  const evidence = [
    ...engineSays(cell, effective),
    ...processes(cell, observed),
    ...memory(cell, effective?.buffers ?? [], observed),
    ...nowhereElse(cell, observed),
  ]
  const outside = evidence.filter(({ from }) => from !== "engine")
  const state = evidence.some(({ agrees }) => !agrees)
    ? "contradicted"
    : outside.length > 0 && outside.length < evidence.length
      ? "verified"
      : evidence.length > 0
        ? "partial"
        : "unverified"
  return { state, evidence }
}

type Evidence = PlacementProof["evidence"]

const engineSays = ({ placement }: Pick<CellSpec, "placement">, effective: Effective | undefined): Evidence => {
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

/** The driver's list of processes on each device. */
const processes = (cell: Pick<CellSpec, "host" | "placement">, observed: ReadonlyArray<ObservedDevice>): Evidence => {
  if (!observed.some(({ engine }) => engine === "here")) return []
  const placed = placedGpus(cell)
  const missing = placed.filter((id) => observed.some(({ device, engine }) => device === id && engine === "not here"))
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
      agrees: missing.length === 0 && elsewhere.length === 0,
      detail: `the engine's processes are on ${here.join(", ")}`,
    },
  ]
}

/** Memory in use of each device of the placement, beside what the engine reports there. */
const memory = (
  cell: Pick<CellSpec, "host" | "placement">,
  buffers: ReadonlyArray<EngineBuffer>,
  observed: ReadonlyArray<ObservedDevice>,
): Evidence =>
  placedGpus(cell).flatMap((id) => {
    const seen = observed.find(({ device }) => device === id)?.usedDeltaBytes
    const told = buffers.filter(({ device }) => device === id).reduce((sum, { bytes }) => sum + bytes, 0)
    if (seen === undefined || "absent" in seen || told === 0) return []
    return [
      {
        from: "memory in use",
        agrees: seen.value >= told - Math.max(TOLERANCE * told, CONTEXT_BYTES),
        detail: `${id} has ${mib(seen.value)} more in use than before, the engine reports ${mib(told)}`,
      },
    ]
  })

/** A host without a GPU proves where a model is. */
const nowhereElse = (
  { host, placement }: Pick<CellSpec, "host" | "placement">,
  observed: ReadonlyArray<ObservedDevice>,
): Evidence =>
  placement.devices.length === 1 && placement.devices[0] === CPU && host.devices.length === 1 && observed.length === 0
    ? [{ from: "host", agrees: true, detail: "the processor is its only device" }]
    : []

const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`
