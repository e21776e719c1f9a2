import { bytesOf, CPU, type Host, placementName } from "@rigbook/core"
import { aliasOf, type PlannedCell } from "@rigbook/runner"
import { figure } from "./Figures.ts"
import { wrapped } from "./Wrapped.ts"
import { styled } from "./Style.ts"

type Planned = Pick<
  PlannedCell,
  "demand" | "fit" | "host" | "longestContext" | "model" | "placement" | "speed" | "speedAtLongest"
>

/** Whether a cell fits, or by how much it does not, with its memory, longest context and speed: one line of 80 characters, mostly. */
export const fitLine = (cell: Planned, width: number): string => {
  const { fit, longestContext, placement } = cell
  const gpus = cell.host.devices.filter(({ kind }) => kind !== "cpu").length
  const on = gpus === 0 ? "host memory" : gpus === 1 ? "the GPU" : "the GPUs"
  const missing =
    "missingBytes" in fit && fit.missingBytes !== undefined
      ? [`${gib(fit.missingBytes)} GiB too little${gpus > 1 ? " on each" : ""}`]
      : []
  const said = {
    fits: () => [styled(["bold", "green"], "FITS"), cell.demand.length === 0 ? "at its server" : memory(cell)],
    helped: () => [styled(["bold", "yellow"], `DOES NOT FIT on ${on}`), ...missing, ...helped(cell)],
    "too large": () => [styled(["bold", "red"], "DOES NOT FIT"), ...missing],
    refused: () => [styled(["bold", "red"], "CAN'T BE PLACED"), "whatever the memory"],
  }[fit.kind]()
  if ("absent" in placement) return wrapped(said, width, "  ", " · ")
  const context = "value" in longestContext ? [`up to ${longestContext.value} tokens`] : []
  return wrapped([...said, ...context, ...speedOf(cell)], width, "  ", " · ")
}

/** `22.91 + 22.72 of 30.85 GiB`: what each GPU holds, of what it has free; without GPUs, host memory. */
const memory = ({ demand, host }: Planned): string => {
  const gpus = demand.filter(({ device }) => device !== CPU)
  const rows = (gpus.length > 0 ? gpus : demand).map(({ device, parts }) => ({
    need: gib(bytesOf(parts)),
    free: freeOf(host, device),
  }))
  const isOne = (texts: ReadonlyArray<string>) => new Set(texts).size === 1
  if (!isOne(rows.map(({ free }) => free))) return rows.map(({ free, need }) => `${need} of ${free}`).join(" + ")
  const needs = rows.map(({ need }) => need)
  return `${needs.length > 2 && isOne(needs) ? `${needs.length} × ${needs[0]!}` : needs.join(" + ")} of ${rows[0]!.free}`
}

const freeOf = (host: Host, id: string): string => {
  const free = host.devices.find((device) => device.id === id)?.freeBytes
  return free === undefined ? "an unknown amount" : `${gib(free)} GiB`
}

const helped = ({ host, placement }: Planned): ReadonlyArray<string> =>
  "absent" in placement ? [] : [`goes with the processor: ${placementName(placement.value, (id) => nameIn(host, id))}`]

/** A device as people call it: `cuda:0`. */
export const nameIn = (host: Host, id: string): string => {
  const device = host.devices.find((candidate) => candidate.id === id)
  return (device && aliasOf(device)) ?? id
}

const speedOf = ({ speed: { decode } }: Planned): ReadonlyArray<string> =>
  "absent" in decode ? [] : [`about ${figure(decode.value.value)} tokens/s`]

export const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(2)
