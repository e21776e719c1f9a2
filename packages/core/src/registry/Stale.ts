import type { RunRecord } from "../run/RunRecord.ts"

/**
 * Records whose engine or driver is no longer that of their host, by id, with what came after it. What a host has now
 * is what its latest record says, so that the same records give the same answer on any machine:
 *
 * - an engine is the same program, come to the host in the same way, and by the same path where a config names it. Two
 *   builds that configs name are two engines, and neither makes the other stale. Versions of its libraries count;
 * - a driver is that of a GPU that the run used.
 *
 * Pure.
 */
export const staleOf = (records: ReadonlyArray<RunRecord>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const engines = latestOf(records, (record) => [engineOf(record)])
  const drivers = latestOf(records, (record) => [...driversOf(record).keys()])
  return new Map(
    records.flatMap((record) => {
      const reasons = [
        ...engineChange(record, engines.get(engineOf(record))!),
        ...[...driversOf(record)].flatMap(([gpu, driver]) =>
          used(record, gpu) ? driverChange(driver, gpu, drivers.get(gpu)!) : [],
        ),
      ]
      return reasons.length === 0 ? [] : [[record.id, reasons] as const]
    }),
  )
}

const latestOf = (
  records: ReadonlyArray<RunRecord>,
  keysOf: (record: RunRecord) => ReadonlyArray<string>,
): ReadonlyMap<string, RunRecord> => {
  const latest = new Map<string, RunRecord>()
  for (const record of records)
    for (const key of keysOf(record)) {
      const known = latest.get(key)
      if (known === undefined || isLater(record, known)) latest.set(key, record)
    }
  return latest
}

const isLater = (a: RunRecord, b: RunRecord): boolean =>
  a.startedAt === b.startedAt ? a.id > b.id : a.startedAt > b.startedAt

const engineOf = ({ cell: { backend, host, runtime } }: RunRecord): string =>
  JSON.stringify([
    host.fingerprint,
    backend,
    runtime.program,
    runtime.origin,
    runtime.origin === "named" ? runtime.path : "",
  ])

const driversOf = ({ cell }: RunRecord): ReadonlyMap<string, string> =>
  new Map(
    cell.host.devices.flatMap(({ driver, id, kind }) =>
      kind === "gpu" && driver !== undefined ? [[id, driver] as const] : [],
    ),
  )

const used = ({ cell, effective }: RunRecord, gpu: string): boolean =>
  [...cell.placement.devices, ...(effective?.devices ?? [])].some((id) => id === gpu)

const engineChange = (record: RunRecord, latest: RunRecord): ReadonlyArray<string> => {
  const [was, is] = [versionsOf(record), versionsOf(latest)]
  return [...new Set([...was.keys(), ...is.keys()])]
    .toSorted()
    .filter((name) => was.get(name) !== is.get(name))
    .map(
      (name) =>
        `${name} ${was.get(name) ?? "was not there"}; the host has ${is.get(name) ?? "none"} since ${day(latest)}`,
    )
}

const versionsOf = ({ cell: { runtime } }: RunRecord): ReadonlyMap<string, string> =>
  new Map([[runtime.program, runtime.version], ...Object.entries(runtime.libraries)])

const driverChange = (driver: string, gpu: string, latest: RunRecord): ReadonlyArray<string> => {
  const now = driversOf(latest).get(gpu)!
  return now === driver ? [] : [`driver ${driver}; the host has ${now} since ${day(latest)}`]
}

/** Of the record that shows it; the change itself may be older. */
const day = ({ startedAt }: RunRecord): string => `the record of ${startedAt.slice(0, 10)}`
