import type { EngineBuffer, ProcessMemory, RunRecord } from "@rigbook/core"
import { MISSING, bytes } from "../format.ts"
import { deviceName } from "../names.ts"
import { blocks, text } from "./escape.ts"
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

/** What was asked for, what the engine says is in force, and what was seen from outside, side by side. */
export const layersTable = ({ cell, effective, observed, requested }: RunRecord): string => {
  const devices = (ids: ReadonlyArray<string> | undefined): string =>
    ids?.map((id) => deviceName(cell.host, id)).join(" + ") || MISSING
  const names = new Set([...Object.keys(requested.settings), ...Object.keys(effective?.settings ?? {})])
  const peak = observed.peakRssBytes
  return table(LAYERS, [
    {
      setting: "devices",
      requested: devices(requested.devices),
      effective: devices(effective?.devices),
      observed: MISSING,
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
      observed: "value" in peak ? bytes(peak.value) : `not measured: ${peak.absent}`,
    },
  ])
}

const BUFFERS: ReadonlyArray<Column<EngineBuffer>> = [
  { header: "device", cell: ({ device }) => text(device) },
  { header: "kind", cell: ({ kind }) => text(kind) },
  { header: "size", align: "right", cell: (buffer) => bytes(buffer.bytes) },
]

/** Memory that the engine says it holds, device by device, each with its sum. */
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

/** Memory of each process of the engine, where it has more than one. */
export const processesTable = ({ observed: { processes = [] } }: RunRecord): string =>
  processes.length < 2
    ? ""
    : blocks(
        table(PROCESSES, processes),
        "Resident sets (RSS) over the measured trials: pages that processes share count in each of them.",
      )
