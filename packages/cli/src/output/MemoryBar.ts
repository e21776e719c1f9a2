import { bytesOf, type DemandPart, type Device, type DeviceDemand, type Host } from "@rigbook/core"
import { aliasOf } from "@rigbook/runner"
import { styled } from "./Style.ts"

/** What parts are drawn as: a letter, so that it can be read without its color. */
const KINDS = {
  weights: { letter: "W", color: "blue", is: /^(weights|embedding|experts|repacked weights)$/ },
  "KV cache": { letter: "K", color: "green", is: /^KV cache$/ },
  compute: { letter: "C", color: "yellow", is: /^(compute|compute reserve|activations|attention scores|output)$/ },
  "overhead and margin": { letter: "O", color: "magenta", is: /./ },
} as const
type Kind = keyof typeof KINDS
const ORDER = Object.keys(KINDS) as ReadonlyArray<Kind>

const kindOf = ({ name }: Pick<DemandPart, "name">): Kind => ORDER.find((kind) => KINDS[kind].is.test(name))!

const WIDTH = 40

/**
 * A device's free memory as a bar of `width` characters, filled with what it would hold. Each kind present has
 * one character at least, and a bar of too much memory is as long as a full one. Where the free memory is unknown
 * the bar shows the shares of what is needed.
 */
export const memoryBar = (
  parts: ReadonlyArray<DemandPart>,
  freeBytes: number | undefined,
  width: number = WIDTH,
): string => {
  const need = bytesOf(parts)
  const whole = Math.max(freeBytes ?? need, need, 1)
  const cells = ORDER.map((kind) => {
    const bytes = bytesOf(parts.filter((part) => kindOf(part) === kind))
    return { kind, count: bytes === 0 ? 0 : Math.max(1, Math.round((width * bytes) / whole)) }
  })
  // Excess from rounding is taken from the largest.
  const over = cells.reduce((sum, { count }) => sum + count, 0) - width
  const largest = cells.toSorted((a, b) => b.count - a.count)[0]!
  if (over > 0) largest.count -= over
  const filled = cells.map(({ count, kind }) => styled(KINDS[kind].color, KINDS[kind].letter.repeat(count))).join("")
  const used = cells.reduce((sum, { count }) => sum + count, 0)
  return `[${filled}${".".repeat(width - used)}]`
}

export const BAR_LEGEND = `${ORDER.map((kind) => `${KINDS[kind].letter} ${kind}`).join(", ")}, . free`

/** One line per device: its name, the bar, and the memory needed of what is free. The bar is as long as `columns` allow. */
export const memoryLines = (
  demand: ReadonlyArray<DeviceDemand>,
  host: Host,
  columns: number,
): ReadonlyArray<string> => {
  const devices = demand.map(({ device: id, parts }) => {
    const device = host.devices.find((each) => each.id === id)
    const free = device?.freeBytes === undefined ? "an unknown amount" : `${gib(device.freeBytes)} GiB`
    const figures = `${gib(bytesOf(parts))} of ${free}`
    return { name: shortName(device, id), parts, freeBytes: device?.freeBytes, figures }
  })
  const longest = (texts: ReadonlyArray<string>) => Math.max(0, ...texts.map(({ length }) => length))
  const names = longest(devices.map(({ name }) => name))
  const room = columns - names - longest(devices.map(({ figures }) => figures)) - " [] ".length
  const width = Math.min(WIDTH, Math.max(LEAST, room))
  return devices.map(
    ({ figures, freeBytes, name, parts }) => `${name.padEnd(names)} ${memoryBar(parts, freeBytes, width)} ${figures}`,
  )
}

/** Characters of the shortest bar. */
const LEAST = 12

const LONGEST_NAME = 14

const shortName = (device: Device | undefined, id: string): string =>
  ((device && aliasOf(device)) ?? id).slice(0, LONGEST_NAME)

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(2)
