import type { Vendor } from "@rigbook/core"
import { Effect } from "effect"
import { hasNvidiaGpu, nvidiaDevices } from "./NvidiaSmi.ts"
import { openNvidiaSmi } from "./NvidiaSmiSource.ts"
import { findNvml, openNvml } from "./Nvml.ts"

/** NVIDIA, by nvidia-smi and NVML, the driver's own library. `library` finds that. */
export const nvidiaBy = (library: () => string | undefined): Vendor => ({
  id: "nvidia",
  alias: "cuda",
  present: hasNvidiaGpu,
  discover: nvidiaDevices,
  read: [Effect.suspend(() => openNvml(library())), openNvidiaSmi],
  masks: ["CUDA_VISIBLE_DEVICES"],
  // By UUID: CUDA and nvidia-smi may number them differently.
  restrict: (devices) => ({
    CUDA_DEVICE_ORDER: "PCI_BUS_ID",
    CUDA_VISIBLE_DEVICES: devices.map(({ id }) => id).join(","),
  }),
})

export const nvidia: Vendor = nvidiaBy(() => findNvml())
