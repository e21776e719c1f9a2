import { Device, DeviceId } from "@rigbook/core"
import { shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"

const FIELDS = ["index", "uuid", "name", "memory.total", "memory.free", "driver_version"]

/** The NVIDIA GPUs of this machine in PCI bus order; none where `nvidia-smi` is missing or fails. */
export const nvidiaDevices: Effect.Effect<ReadonlyArray<Device>> = shortCommand("nvidia-smi", [
  `--query-gpu=${FIELDS.join(",")}`,
  "--format=csv,noheader,nounits",
]).pipe(
  Effect.map(({ stdout }) => parseDevices(stdout)),
  Effect.orElseSucceed(() => []),
)

/** Whether an NVIDIA driver answers with at least one GPU; one that reports no memory counts too. */
export const hasNvidiaGpu: Effect.Effect<boolean> = shortCommand("nvidia-smi", ["--list-gpus"]).pipe(
  Effect.map(({ stdout }) => /^GPU \d+:/m.test(stdout)),
  Effect.orElseSucceed(() => false),
)

/**
 * Reads nvidia-smi's CSV. A GPU that does not report its memory or its UUID (`[N/A]`) can't be planned for and is left
 * out.
 */
export const parseDevices = (csv: string): ReadonlyArray<Device> =>
  csv
    .split("\n")
    .map((line) => line.split(",").map((field) => field.trim()))
    .filter((fields) => fields.length === FIELDS.length)
    .map(([index, uuid, name, total, free, driver]) => ({ index, uuid, name, total, free, driver }))
    .filter(({ free, index, total }) => [index, total, free].every((text) => /^\d+$/.test(text ?? "")))
    .filter(({ name, uuid }) => uuid?.startsWith("GPU-") === true && name !== "")
    .map(
      ({ driver, free, index, name, total, uuid }) =>
        new Device({
          id: DeviceId.make(uuid!),
          kind: "gpu",
          name: name!,
          index: Number(index),
          memoryBytes: Number(total) * 2 ** 20,
          freeBytes: Number(free) * 2 ** 20,
          driver: driver!,
          vendor: "nvidia",
        }),
    )
    .toSorted((a, b) => a.index! - b.index!)
