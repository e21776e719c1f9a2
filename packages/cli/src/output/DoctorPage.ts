import {
  DEVICE_FIELDS,
  type DeviceReading,
  type FoundServer,
  type Host,
  type Runtime,
  type UnusableDevice,
} from "@rigbook/core"
import { aliasOf, type DeviceMask, maskText } from "@rigbook/runner"
import { asStarted } from "./AsStarted.ts"
import { commandText } from "./CommandText.ts"
import { commandIn, unusableGroups } from "./DeviceUse.ts"
import { nameIn } from "./FitLine.ts"
import { tableWithin } from "./Table.ts"
import { wrapped } from "./Wrapped.ts"
import { styled } from "./Style.ts"

/** An engine as it was found, or why it was not. */
export type FoundEngine = {
  readonly backend: string
  /** A config of the workspace uses it. */
  readonly used: boolean
} & (
  | { readonly ok: true; readonly runtime: Runtime; readonly unusable: ReadonlyArray<UnusableDevice> }
  | { readonly ok: false; readonly problem: string; readonly fix: string }
)

interface Telemetry {
  readonly sources: ReadonlyArray<string>
  readonly problems: ReadonlyArray<string>
  readonly devices: ReadonlyArray<DeviceReading>
}

interface Found {
  readonly host: Host
  /** Whether there is a workspace here: without one, nothing can be planned or run yet. */
  readonly inWorkspace: boolean
  readonly masks: ReadonlyArray<DeviceMask>
  readonly engines: ReadonlyArray<FoundEngine>
  /** Started by others on this machine. */
  readonly servers: ReadonlyArray<FoundServer>
  readonly telemetry: Telemetry
}

/** The machine for people: its devices, its engines, which of these can use which GPU, and the next command. */
export const doctorPage = ({ engines, host, inWorkspace, masks, servers, telemetry }: Found, width: number): string =>
  [
    sentence(`${host.os}, ${host.kernel}`, width),
    "",
    tableWithin(
      width,
      ["device", "name", "memory", "free", "id"],
      host.devices.map((device) => [
        aliasOf(device) ?? device.id,
        device.name,
        gib(device.memoryBytes),
        gib(device.freeBytes),
        aliasOf(device) === undefined ? "" : device.id,
      ]),
    ),
    ...masks.flatMap((mask) => maskText(mask) ?? []).map((text) => sentence(text, width)),
    "",
    tableWithin(
      width,
      ["backend", "", ""], // a narrow terminal has the heads in its lines
      engines.map((engine) =>
        engine.ok
          ? [engine.backend, styled("green", "ready"), programOf(engine.runtime)]
          : [
              engine.backend,
              engine.used ? styled("red", "missing") : styled("dim", "not used"),
              asStarted(`${engine.problem} ${engine.fix}`),
            ],
      ),
    ),
    ...deviceLines(engines, host).map((text) => sentence(text, width)),
    ...serverLines(servers, width),
    "",
    ...telemetryLines(telemetry, host, width),
    "",
    `Next: ${nextCommand({ engines, host, inWorkspace, servers })}`,
  ].join("\n")

/** On as many lines as it takes; those after the first are indented. */
const sentence = (text: string, width: number): string => {
  const indent = /^ */.exec(text)![0]
  const [first = "", ...rest] = asStarted(text).trimStart().split(" ")
  return wrapped([`${indent}${first}`, ...rest], width, "  ")
}

const gib = (bytes: number | undefined): string => (bytes === undefined ? "–" : `${(bytes / 2 ** 30).toFixed(1)} GiB`)

const programOf = ({ libraries, origin, program, version }: Runtime): string =>
  `${program} ${version} (${[origin, libraries["build"]].filter((word) => word !== undefined).join(", ")})`

const isGpu = ({ kind }: Host["devices"][number]): boolean => kind === "gpu"

/** For each engine that is there, the GPUs that it can use, and those that it can't: why, and what to do. */
const deviceLines = (engines: ReadonlyArray<FoundEngine>, host: Host): ReadonlyArray<string> => {
  const gpus = host.devices.filter(isGpu)
  if (gpus.length === 0) return ["", "No GPU: models run on the processor."]
  const lines = engines.flatMap((engine) => {
    if (!engine.ok) return []
    const usable = gpus.filter(({ id }) => engine.unusable.every(({ device }) => device !== id))
    const names = usable.map(({ id }) => nameIn(host, id)).join(" and ")
    return [
      ...(names === "" ? [] : [`${styled("green", "✓")} ${engine.backend} can use ${names}`]),
      ...unusableGroups(engine.unusable, host).flatMap(({ devices, fix, why }) => [
        `${styled("red", "✗")} ${engine.backend} can't use ${devices}: ${why}`,
        `  ${fix}`,
      ]),
    ]
  })
  return lines.length === 0 ? [] : ["", ...lines]
}

/** Each with the command that measures one of its models. */
const serverLines = (servers: ReadonlyArray<FoundServer>, width: number): ReadonlyArray<string> =>
  servers.length === 0
    ? []
    : [
        "",
        tableWithin(
          width,
          ["server", "address", "models", ""],
          servers.map(({ models, name, url, version }) => [
            version === "not reported" ? name : `${name} ${version}`,
            url,
            String(models.length),
            models.length === 0 ? "has no models yet" : asStarted(commandText("rigbook", "add", url)),
          ]),
        ),
      ]

/** What to do next: the first thing that is missing of what is used, else the first GPU that is not. */
const nextCommand = ({
  engines,
  host,
  inWorkspace,
  servers,
}: Pick<Found, "engines" | "host" | "inWorkspace" | "servers">): string => {
  const used = engines.filter((engine) => engine.used)
  const missing = used.flatMap((engine) => (engine.ok ? [] : (commandIn(engine.fix) ?? [])))
  const idle = used.flatMap((engine) =>
    engine.ok && engine.unusable.length > 0 ? (commandIn(engine.unusable[0]!.fix) ?? []) : [],
  )
  const server = servers.find(({ models }) => models.length > 0)
  const first = server === undefined ? "rigbook init" : commandText("rigbook", "add", server.url)
  const then = !inWorkspace ? first : host.devices.some(isGpu) ? "rigbook plan" : "rigbook run"
  return missing[0] ?? idle[0] ?? then
}

const telemetryLines = (
  { devices, problems, sources }: Telemetry,
  host: Host,
  width: number,
): ReadonlyArray<string> => {
  if (devices.length === 0) return [sentence(`Telemetry of GPUs: none (${problems.join("; ")})`, width)]
  return [
    sentence(`Telemetry of GPUs by ${sources.join(" and ")}:`, width),
    tableWithin(
      width,
      ["device", "reported", "not reported"],
      devices.map(({ absent, device, values }) => [
        nameIn(host, device),
        DEVICE_FIELDS.filter((field) => field in values).join(", "),
        DEVICE_FIELDS.flatMap((field) => (absent[field] === undefined ? [] : [`${field} (${absent[field]})`])).join(
          ", ",
        ),
      ]),
    ),
  ]
}
