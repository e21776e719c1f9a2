import type { Comparable } from "./Comparable.ts"

/** What distinguishes two hosts for people, and how a record has it; `undefined` where that is unknown. */
const ASPECTS: Readonly<Record<string, (record: Comparable) => string | undefined>> = {
  card: (record) =>
    joined(gpusOf(record)?.map(({ name }) => name)) ?? (gpusOf(record) === undefined ? undefined : "none"),
  driver: (record) => joined(gpusOf(record)?.map(({ driver }) => driver)),
  "power limit": ({ powerCapsW }) => joined(powerCapsW?.map((watts) => `${Math.round(watts)} W`)),
  processor: ({ cell: { host } }) =>
    host.cpu === undefined ? undefined : `${host.cpu.model}, ${host.cpu.logicalCores} logical cores`,
  memory: ({ cell: { host } }) =>
    host.memoryBytes === undefined ? undefined : `${(host.memoryBytes / 2 ** 30).toPrecision(3)} GiB`,
  engine: ({ cell: { backend, runtime } }) =>
    runtime === undefined ? undefined : `${backend}, ${runtime.program} ${runtime.version}`,
  system: ({ cell: { host } }) => (host.os === undefined ? undefined : `${host.os}, ${host.kernel}`),
}

/** The GPUs of a placement; `undefined` where the host's devices are unknown. */
const gpusOf = ({ cell: { host, placement } }: Comparable) =>
  host.devices?.filter(({ id, kind }) => kind === "gpu" && placement.devices.includes(id))

/** Each value once, with how often it is there. */
const joined = (values: ReadonlyArray<string | undefined> = []): string | undefined => {
  const counted = Map.groupBy(
    values.filter((value) => value !== undefined),
    (value) => value,
  )
  return (
    [...counted].map(([value, all]) => (all.length > 1 ? `${all.length} × ${value}` : value)).join(" + ") || undefined
  )
}

/** What differs between the hosts of two records, each with both sides: `card: RTX 3090 against RTX 4090`. Pure. */
export const hostDifferences = (a: Comparable, b: Comparable): ReadonlyArray<string> =>
  Object.entries(ASPECTS).flatMap(([name, of]) => {
    const [one, other] = [of(a), of(b)]
    return one === other ? [] : [`${name}: ${one ?? "unknown"} against ${other ?? "unknown"}`]
  })
