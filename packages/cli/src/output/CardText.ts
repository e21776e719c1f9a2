import { isQuality, type RunRecord, scenarioName, weightsName } from "@rigbook/core"
import { figure } from "./Figures.ts"

/** Names and values, in their order: what a card says of a model on a rig. */
const LINES: Readonly<Record<RunRecord["cell"]["task"], ReadonlyArray<readonly [name: string, metric: string]>>> = {
  generate: [
    ["decode", "decode_tps_user"],
    ["TTFT", "ttft"],
    ["memory", "memory_peak"],
    ["GPU memory", "vram_used_delta"],
    ["power", "power_gpu_sensor"],
  ],
  embed: [
    ["documents", "docs_per_s"],
    ["tokens", "embed_tokens_per_s"],
    ["memory", "memory_peak"],
    ["GPU memory", "vram_used_delta"],
    ["power", "power_gpu_sensor"],
  ],
}

/**
 * A short text to paste: rig, model, speed, prefill at each depth, memory, power, quality and verdict. It names no machine, no
 * user and no path. `others`: records of the same config, from which prefill and quality come.
 */
export const cardText = (record: RunRecord, others: ReadonlyArray<RunRecord>): string => {
  const { cell, environment, startedAt, verdict } = record
  const alike = [record, ...others.filter((other) => other.id !== record.id && isAlike(record, other))]
  const reasons = verdict.reasons.filter(({ level }) => level !== "note").map(({ code }) => code)
  const line = (name: string, value: string): string => `${name.padEnd(11)}${value}`
  return [
    `${cell.config.name}, ${weightsName(cell.model)}, ${cell.runtime.program} ${cell.runtime.version}`,
    line("rig", rigText(record)),
    ...LINES[cell.task].flatMap(([name, metric]) => {
      const shown = figureText(record, metric)
      return shown === undefined ? [] : [line(name, shown)]
    }),
    ...prefillLines(alike).map((shown) => line("prefill", shown)),
    ...qualityLines(alike).map((shown) => line("quality", shown)),
    line("verdict", [verdict.status, ...new Set(reasons)].join(", ")),
    line("measured", `${scenarioName(cell.scenario)}, ${startedAt.slice(0, 10)}, Rigbook ${environment.rigbook}`),
    line("record", `benchmarks/results/raw/${record.id}`),
  ].join("\n")
}

/** What can be said in one card: one config in one engine and placement on one host. */
const isAlike = ({ cell: a }: RunRecord, { cell: b, verdict }: RunRecord): boolean =>
  verdict.status !== "invalid" &&
  a.config.id === b.config.id &&
  a.backend === b.backend &&
  a.host.fingerprint === b.host.fingerprint &&
  JSON.stringify(a.placement) === JSON.stringify(b.placement)

const rigText = ({ cell: { host, placement } }: RunRecord): string => {
  const used = host.devices.filter(({ id, kind }) => kind === "gpu" && placement.devices.includes(id))
  const gpus = [...Map.groupBy(used, ({ name }) => name)].map(([name, { length }]) =>
    length > 1 ? `${length} × ${name}` : name,
  )
  const cpu = `${host.cpu.model}, ${host.cpu.logicalCores} logical cores, ${figure(host.memoryBytes / 2 ** 30)} GiB`
  return [...gpus, cpu].join(", ")
}

/** `98 tokens/s (91 to 101)`; `undefined` where it was not measured. */
const figureText = ({ values }: RunRecord, metric: string): string | undefined => {
  const value = values.find((each) => each.metric === metric)
  if (value === undefined || "absent" in value.result) return undefined
  const [scale, unit] = value.unit === "B" ? [2 ** -20, " MiB"] : [1, value.unit === "score" ? "" : ` ${value.unit}`]
  const { high, low, median } = value.result.summary
  const ends = low === undefined || high === undefined ? "" : ` (${figure(low * scale)} to ${figure(high * scale)})`
  return `${figure(median * scale)}${unit}${ends}`
}

/** Of each scenario, the shortest prompt first. */
const prefillLines = (records: ReadonlyArray<RunRecord>): ReadonlyArray<string> =>
  records
    .flatMap((record) => {
      const shown = figureText(record, "prefill_tps")
      const { scenario } = record.cell
      return shown === undefined ? [] : [{ shown, name: scenarioName(scenario), depth: depthOf(scenario) }]
    })
    .toSorted((a, b) => a.depth - b.depth)
    .map(({ depth, name, shown }) => `${shown} ${depth === 0 ? `in ${name}` : `at ${depth} tokens`}`)

const depthOf = (scenario: RunRecord["cell"]["scenario"]): number => ("depth" in scenario ? scenario.depth : 0)

/** Where quality was measured: each of its figures, with what it is of. */
const qualityLines = (records: ReadonlyArray<RunRecord>): ReadonlyArray<string> => {
  const measured = records.filter(({ cell }) => isQuality(cell.scenario))
  if (measured.length === 0) return ["not measured"]
  return measured.flatMap((record) =>
    record.values.flatMap(({ metric, title, unit }) => {
      const shown = unit === "score" || unit === "nats" ? figureText(record, metric) : undefined
      return shown === undefined ? [] : [`${title} ${shown}, ${record.cell.prompts.name}`]
    }),
  )
}
