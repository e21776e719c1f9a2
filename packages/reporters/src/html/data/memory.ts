import type { Estimate, RunRecord } from "@rigbook/core"
import { deviceName } from "../../names.ts"
import { visible } from "@rigbook/core"
import type { PageEstimate, PageRun } from "../PageRun.ts"
import { rounded } from "../rounded.ts"

/** An estimate beside what was observed; nothing where one of the two is missing. */
export const pageEstimate = (
  { cell }: RunRecord,
  { basis, bytes, device, error, found, parts }: Estimate,
): ReadonlyArray<PageEstimate> =>
  "absent" in found || "absent" in error
    ? []
    : [
        {
          device: visible(deviceName(cell.host, device)),
          parts: visible(parts.join(" + ")),
          basis,
          estimated: bytes,
          found: found.value,
          error: rounded(error.value),
        },
      ]

/** It compares buffers of the kinds and devices that the backend has a rule for. */
export const deviceMemory = ({ effective, requested }: RunRecord): PageRun["memory"] => {
  const estimated = requested.buffers ?? []
  if (estimated.length === 0 || effective === undefined) return undefined
  const known = new Set(estimated.map(({ device, kind }) => JSON.stringify([device, kind])))
  const held = effective.buffers.filter(({ device, kind }) => known.has(JSON.stringify([device, kind])))
  const sum = (buffers: typeof estimated) => buffers.reduce((total, { bytes }) => total + bytes, 0)
  return held.length === 0 ? undefined : { estimated: sum(estimated), held: sum(held) }
}
