import type { Vendor } from "@rigbook/core"
import { Effect } from "effect"
import { amdSmiDevices } from "./AmdDevices.ts"
import { isUuid } from "./AmdNames.ts"
import { openAmdSmi } from "./AmdSmi.ts"
import { openRocmSmi, rocmSmiDevices } from "./RocmSmi.ts"

const discover = Effect.flatMap(amdSmiDevices, (found) => (found.length > 0 ? Effect.succeed(found) : rocmSmiDevices))

/** AMD, by amd-smi or its predecessor rocm-smi. */
export const amd: Vendor = {
  id: "amd",
  alias: "rocm",
  present: Effect.map(discover, (devices) => devices.length > 0),
  discover,
  read: [openAmdSmi, openRocmSmi],
  masks: ["ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"],
  // ROCr takes UUIDs, HIP only numbers, which count what ROCr leaves. Source: ROCm documentation, "GPU isolation techniques".
  restrict: (devices) => ({
    ROCR_VISIBLE_DEVICES: devices.map(({ id, index }) => (isUuid(id) ? id : index)).join(","),
    HIP_VISIBLE_DEVICES: devices.length === 0 ? "-1" : devices.map((_, position) => position).join(","),
  }),
}
