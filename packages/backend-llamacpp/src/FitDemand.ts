import { bytesOf, CPU, type DemandInput, type DemandPart, type DeviceDemand, scenarioTask } from "@rigbook/core"
import { wholeCompute } from "./Compute.ts"
import { demandByRole } from "./Demand.ts"
import type { NamedDevice } from "./NameListed.ts"
import type { Role } from "./Graph.ts"
import type { Options } from "./Options.ts"

const MIB = 2 ** 20

/** What the tool reports for one device, in whole MiB. */
export interface FitRow {
  readonly device: string
  readonly model: number
  readonly context: number
  readonly compute: number
}

/** The tool's name for host memory. */
export const HOST = "Host"

/** Our parts by what the tool counts together. Parts that it does not know stay unchanged. */
const COUNTED = {
  model: ["weights", "embedding", "experts"],
  context: ["KV cache"],
  compute: ["compute", "compute reserve"],
} as const
type Column = keyof typeof COUNTED
const COLUMNS = Object.keys(COUNTED) as ReadonlyArray<Column>
const BUFFERS = { model: "model", context: "KV", compute: "compute" } as const

/**
 * Our demand as llama-fit-params corrects it. The tool rounds to MiB: where it agrees with our bytes they are kept, as
 * they are more precise; where it does not, its figure is used. Its compute includes the scores of a full forward pass,
 * which llama-server may not allocate: ours is compared with those too, and the difference goes into `compute`. Pure.
 */
export const fitDemand = (
  input: DemandInput<Options>,
  devices: ReadonlyArray<NamedDevice>,
  rows: ReadonlyArray<FitRow>,
): ReadonlyArray<DeviceDemand> =>
  demandByRole(input).map(({ device, makesScores, parts, role }) => {
    const name = device === CPU ? HOST : devices.find(({ id }) => id === device)?.name
    const row = rows.find((one) => one.device === name)
    if (row === undefined) return { device, parts }
    const { config: options, model, scenario } = input
    const expected = (column: Column): number =>
      column === "compute" && role !== undefined
        ? wholeCompute({ model, options, task: scenarioTask(scenario), role }, makesScores)
        : bytesOf(parts.filter((part) => columnOf(part) === column))
    const corrected = COLUMNS.flatMap((column) =>
      correct(
        parts.filter((part) => columnOf(part) === column),
        {
          column,
          reported: row[column],
          expected: expected(column),
          bound: boundOf(role) * (row.model + row.context + row.compute),
        },
      ),
    )
    return { device, parts: [...corrected, ...parts.filter((part) => columnOf(part) === undefined)] }
  })

const columnOf = ({ name }: DemandPart): Column | undefined =>
  COLUMNS.find((column) => (COUNTED[column] as ReadonlyArray<string>).includes(name))

interface Reported {
  readonly column: Column
  /** In MiB. */
  readonly reported: number
  /** Our own figure for the same, in bytes. */
  readonly expected: number
  /** Difference in MiB up to which the two agree. */
  readonly bound: number
}

/** Share of a device's demand up to which the tool and our rule agree: chains are less well known. */
const boundOf = (role: Role | undefined): number => (role === "single" ? 0.01 : 0.03)

const withoutNotes = (part: DemandPart): DemandPart => {
  const { notes, ...rest } = part
  return notes === undefined ? part : rest
}

const correct = (
  measured: ReadonlyArray<DemandPart>,
  { bound, column, expected, reported }: Reported,
): ReadonlyArray<DemandPart> => {
  // The assumptions no longer decide.
  const parts = measured.map(withoutNotes)
  const together = parts.length < 2 ? "" : ` for ${parts.map(({ name }) => name).join(" + ")}`
  const says = `llama-fit-params says ${reported} MiB${together}`
  if (Math.abs(reported * MIB - expected) <= MIB)
    return parts.map((part) => ({ ...part, basis: "exact", formula: `${part.formula}; ${says}` }))
  const off = reported * MIB - expected
  const notes =
    Math.abs(off) > bound * MIB
      ? { notes: [`${says} of ${column}, our rule ${(expected / MIB).toFixed(0)} MiB: the tool's figure is used`] }
      : {}
  const [largest] = parts.toSorted((a, b) => b.bytes - a.bytes)
  if (largest === undefined)
    return [{ name: COUNTED[column][0], bytes: off, basis: "exact", formula: says, buffer: BUFFERS[column], ...notes }]
  // The error of a chain's rule belongs to what the server allocates, not to what it may leave out.
  const corrected = column === "compute" ? (parts.find(({ name }) => name === "compute") ?? largest) : largest
  return parts.map((part) => {
    const formula = `${part.formula}; ${says}, by our rule ${(expected / MIB).toFixed(1)} MiB`
    if (part !== corrected) return { ...part, basis: "exact", formula }
    return { ...part, bytes: Math.max(0, part.bytes + off), basis: "exact", formula, ...notes }
  })
}
