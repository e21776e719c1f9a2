import { Device, DeviceId, deviceReading, type DeviceReading } from "@rigbook/core"

/** A line of the tool: number, id, name, memory and what is used of it in MiB, temperature in °C. */
const LINE = /^(\d+), ([^,]+), ([^,]+), (\d+), (\d+), (\d+)$/

const MIB = 2 ** 20

const linesOf = (text: string): ReadonlyArray<RegExpExecArray> =>
  text.split("\n").flatMap((line) => {
    const found = LINE.exec(line.trim())
    return found === null ? [] : [found]
  })

/** The GPUs that the tool lists. Pure. */
export const devicesOf = (text: string): ReadonlyArray<Device> =>
  linesOf(text).map(
    ([, index, id, name, memory, used]) =>
      new Device({
        id: DeviceId.make(id!),
        kind: "gpu",
        name: name!,
        index: Number(index),
        memoryBytes: Number(memory) * MIB,
        freeBytes: (Number(memory) - Number(used)) * MIB,
        vendor: "my-vendor",
      }),
  )

/** What each reports: what the tool does not print is absent, with the reason. Pure. */
export const readingsOf = (text: string): ReadonlyArray<DeviceReading> =>
  linesOf(text).map(([, , id, , , used, temperature]) =>
    deviceReading(
      DeviceId.make(id!),
      { usedBytes: { value: Number(used) * MIB }, temperatureC: { value: Number(temperature) } },
      "my-smi: does not report it",
    ),
  )
