import type { CheckedClaim, Witness } from "@rigbook/core"
import { figure } from "./format.ts"
import { deviceName } from "./names.ts"

/** What a note states: `docs_per_s of 553.3, within 10 % (512x32)`. Not escaped. */
export const claimText = (claim: CheckedClaim["claim"]): string => {
  const of = [claim.backend, claim.placement, claim.scenario].filter((word) => word !== undefined).join(", ")
  const what =
    "device" in claim ? `it ran on ${claim.device}` : `${claim.metric} of ${claim.value}, within ${claim.tolerance} %`
  return of === "" ? what : `${what} (${of})`
}

/** What a run shows: `553.3 docs/s`, `cpu, which differs`. Not escaped. */
export const witnessText = ({ agrees, found, record }: Witness): string => {
  const what =
    "devices" in found
      ? found.devices.map((id) => deviceName(record.cell.host, id)).join(" + ")
      : `${figure(found.value, found.unit)}${found.unit === "B" ? "" : ` ${found.unit}`}`
  return `${what}${agrees ? "" : ", which differs"}`
}
