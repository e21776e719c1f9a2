import type { PlannedEstimate, PlannedModel } from "@rigbook/core"
import { mainDevices } from "./mainDevices.ts"
import { grouped, memoryText } from "./Uncertain.ts"

/** `yes, 2 GPUs`, or `no`. */
export const fitWord = ({ placement }: PlannedEstimate): string => {
  if (placement === undefined) return "no"
  const { devices } = placement
  return devices.length === 1 ? (devices[0] === "cpu" ? "yes, CPU" : "yes, one GPU") : `yes, ${devices.length} GPUs`
}

/** `26.2 GiB + 25.9 GiB` */
export const memoryByDevice = (estimate: PlannedEstimate): string =>
  mainDevices(estimate)
    .map(({ bytes }) => memoryText(bytes, "GiB"))
    .join(" + ")

/** The estimate that a planned model is shown by: the first that fits, else the first. */
export const shownEstimate = ({ estimates }: Pick<PlannedModel, "estimates">): PlannedEstimate | undefined =>
  "absent" in estimates ? undefined : (estimates.find(({ placement }) => placement !== undefined) ?? estimates[0])

/** `yes, 2 GPUs: 26.2 GiB + 25.9 GiB, up to 61,440 tokens`, or why there is no answer. Not escaped. */
export const fitText = (model: PlannedModel): string => {
  const estimate = shownEstimate(model)
  if (estimate === undefined) return "absent" in model.estimates ? `unknown: ${model.estimates.absent}` : "unknown"
  const { longestContext, placement, refused } = estimate
  if (placement === undefined) return ["no", ...refused.map(({ reason }) => reason).slice(0, 1)].join(": ")
  const context = "value" in longestContext ? `, up to ${grouped(longestContext.value)} tokens` : ""
  return `${fitWord(estimate)}: ${memoryByDevice(estimate)}${context}`
}
