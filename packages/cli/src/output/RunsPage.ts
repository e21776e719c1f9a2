import { type Host, markedName, type Metric, placementName, type RunRecord, scenarioName } from "@rigbook/core"
import { styleText } from "node:util"
import { headline, verdictWord } from "./Figures.ts"
import { nameIn } from "./FitLine.ts"
import { wrapped } from "./Wrapped.ts"

/** A record's cell with its devices' names: `smollm2 · llamacpp · single: GPU 0 RTX 5090 · latency-short-chat-1x32`. */
export const cellText = ({ backend, config, host, model, placement, scenario }: RunRecord["cell"]): string =>
  [
    markedName(config.id, model),
    backend,
    placementName(placement, (id) => deviceText(host, id)),
    scenarioName(scenario),
  ].join(" · ")

/** `cuda:0 NVIDIA GeForce RTX 5090`: how configs name a GPU, and what it is. Other devices keep their ids. */
export const deviceText = (host: Host, id: string): string => {
  const device = host.devices.find((candidate) => candidate.id === id)
  return device?.kind === "gpu" ? [...new Set([nameIn(host, id), device.name])].join(" ") : id
}

/** A record in a few lines of `width` characters: its time, by which `rigbook show` finds it, verdict, cell and figures. */
export const runLines = (record: RunRecord, metrics: ReadonlyArray<Metric>, width: number): string => {
  const figures = headline(record, metrics)
  return [
    wrapped([styleText("bold", timeOf(record.id)), ...verdictWord(record.verdict).split(" ")], width, INDENT),
    indented(cellText(record.cell).split(" "), width),
    ...(figures === "" ? [] : [indented(figures.split(" "), width)]),
  ].join("\n")
}

const INDENT = "  "

/** Ids begin with the time of their start, to the second; others are shown whole. */
const timeOf = (id: string): string => /^\d{8}T\d{6}Z/.exec(id)?.[0] ?? id

const indented = (words: ReadonlyArray<string>, width: number): string => {
  const [first = "", ...rest] = words
  return wrapped([`${INDENT}${first}`, ...rest], width, `${INDENT}${INDENT}`)
}
