import {
  absent,
  type DeviceField,
  DeviceId,
  engineBytes,
  Measured,
  measured,
  ObservedDevice,
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
    const others = listed(device).some(({ owner }) => owner === "foreign")
    const bytes = all(engineBytes)
    const before = trials.flatMap(({ idle }) => idle.devices?.[device]?.utilization ?? [])
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
      ...(before.length === 0 ? {} : { idleUtilization: Math.max(...before) }),
      ...(others ? { others } : {}),
    }
  })
}
