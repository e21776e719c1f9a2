import type { EngineBuffer, ProcessMemory, RunRecord } from "@rigbook/core"
import { MISSING, bytes } from "../format.ts"
import { deviceName } from "../names.ts"
import { blocks, list, sentence, text } from "./escape.ts"
import type { Column } from "./table.ts"
import { table } from "./table.ts"

interface Layer {
  readonly setting: string
  readonly requested: string
  readonly effective: string
  readonly observed: string
}

const LAYERS: ReadonlyArray<Column<Layer>> = [
  { header: "setting", cell: ({ setting }) => text(setting) },
  { header: "requested", cell: ({ requested }) => text(requested) },
  { header: "effective", cell: ({ effective }) => text(effective) },
  { header: "observed", cell: ({ observed }) => text(observed) },
]

/** What was requested, what the engine reports as effective, and what was observed from outside, side by side. */
export const layersTable = ({ cell, effective, observed, requested }: RunRecord): string => {
  const devices = (ids: ReadonlyArray<string> | undefined): string =>
    ids?.map((id) => deviceName(cell.host, id)).join(" + ") || MISSING
  const names = new Set([...Object.keys(requested.settings), ...Object.keys(effective?.settings ?? {})])
  const peak = observed.peakRssBytes
  const found = observed.devices?.filter(({ engine }) => engine === "here").map(({ device }) => device) ?? []
  return table(LAYERS, [
    {
      setting: "devices",
      requested: devices(requested.devices),
      effective: devices(effective?.devices),
      observed: devices(found),
    },
    ...[...names].toSorted().map((name) => ({
      setting: name,
      requested: String(requested.settings[name] ?? MISSING),
      effective: String(effective?.settings[name] ?? MISSING),
      observed: MISSING,
    })),
    {
      setting: "peak resident memory",
      requested: MISSING,
      effective: MISSING,
      observed: peakText(peak),
    },
    ...(observed.devices ?? []).map((device) => ({
      setting: `peak memory of ${deviceName(cell.host, device.device)} beyond that before the start`,
      requested: MISSING,
      effective: MISSING,
      observed: peakText(device.usedDeltaBytes),
    })),
  ])
}

const peakText = (value: RunRecord["observed"]["peakRssBytes"]): string =>
  "value" in value ? bytes(value.value) : `not measured: ${value.absent}`

/** How well the placement is proven, and by what. */
export const placementProof = ({ observed: { placement } }: RunRecord): string =>
  placement === undefined
    ? ""
    : blocks(
        `Placement: **${placement.state}**${placement.evidence.length === 0 ? "; no evidence." : "."}`,
        list([
          ...placement.evidence.map(
            ({ agrees, detail, from }) => `${text(from)}: ${agrees ? "" : "**against it**, "}${sentence(detail)}`,
          ),
          ...(placement.missing ?? []).map((witness) => `missing: ${sentence(witness)}`),
        ]),
      )

const BUFFERS: ReadonlyArray<Column<EngineBuffer>> = [
  { header: "device", cell: ({ device }) => text(device) },
  { header: "kind", cell: ({ kind }) => text(kind) },
  { header: "size", align: "right", cell: (buffer) => bytes(buffer.bytes) },
]

/** Memory that the engine reports, device by device, each with its sum. */
export const buffersTable = ({ effective }: RunRecord): string => {
  const byDevice = Map.groupBy(effective?.buffers ?? [], ({ device }) => device)
  return blocks(
    table(
      BUFFERS,
      [...byDevice].flatMap(([device, buffers]) => [
        ...buffers,
        { device, kind: "all", bytes: buffers.reduce((sum, buffer) => sum + buffer.bytes, 0) },
      ]),
    ),
  )
}

const PROCESSES: ReadonlyArray<Column<ProcessMemory>> = [
  { header: "process", cell: ({ name }) => text(name) },
  { header: "pid", align: "right", cell: ({ pid }) => String(pid) },
  { header: "peak resident memory", align: "right", cell: ({ peakRssBytes }) => bytes(peakRssBytes) },
]

/** Memory of each process of the engine, if it has more than one. */
export const processesTable = ({ observed: { processes = [] } }: RunRecord): string =>
  processes.length < 2
    ? ""
    : blocks(
        table(PROCESSES, processes),
        "Resident sets (RSS) over the measured trials: pages that processes share count in each of them.",
      )
