import type { Host, RunRecord, Stars } from "@rigbook/core"
import { placementName as placementNameOf } from "@rigbook/core"

/** A device for people: `cpu`, or a GPU by its position and name. Any other id stays as it is. */
export const deviceName = (host: Host, id: string): string => {
  const device = host.devices.find((candidate) => candidate.id === id)
  if (device === undefined || device.kind !== "gpu") return id
  return device.index === undefined ? device.name : `GPU ${device.index} ${device.name}`
}

/** The requested placement of a run, with readable names of its devices: `single: GPU 0 RTX 5090`. */
export const placementName = ({ cell: { host, placement } }: RunRecord): string =>
  placementNameOf(placement, (id) => deviceName(host, id))

/** The GPUs that a run requested or was observed on, in the host's order. */
export const gpusUsed = ({ cell, effective }: RunRecord): Host["devices"][number][] => {
  const used = new Set([...cell.placement.devices, ...(effective?.devices ?? [])])
  return cell.host.devices.filter(({ id, kind }) => kind === "gpu" && used.has(id))
}

/** `llama-server b6940`. */
export const runtimeName = ({ cell: { runtime } }: RunRecord): string => `${runtime.program} ${runtime.version}`

/** Why a run ended early: the kind of error and what went wrong. `undefined` when it did not. */
export const failureName = ({ failure }: RunRecord): string | undefined =>
  failure === undefined ? undefined : `${failure.reason._tag}: ${failure.reason.detail}`

/** Length of a model's vectors: as the engine reports it, else the width of its hidden state. */
export const dimensions = ({ cell, effective }: RunRecord): number | undefined => {
  const reported = effective?.settings["dimensions"]
  return typeof reported === "number" ? reported : cell.model.hiddenSize
}

/** `★★★½ 3.5 (3 to 4), speed only`; without a range if the complete interval has the same stars. */
export const starsText = (of: Stars): string =>
  `${"★".repeat(Math.floor(of.stars))}${of.stars % 1 === 0 ? "" : "½"} ${starsWords(of)}`

/** The same without the stars, which not every font has: `3.5 (3 to 4), speed only`. */
export const starsWords = ({ high, low, stars }: Stars): string =>
  `${stars}${low === high ? "" : ` (${low} to ${high})`}, speed only`
