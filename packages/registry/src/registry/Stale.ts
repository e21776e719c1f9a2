import type { RunRecord } from "@rigbook/core"

/**
 * Records whose engine or driver has been replaced on their host, by id, with what replaced it. What a host has now
 * is what its latest record says, so the same records give the same answer on any machine:
 *
 * - an engine is the same program, installed in the same way, and at the same path if a config names it. Two
 *   builds that configs name are two engines, and neither makes the other stale. Versions of its libraries count;
 * - a driver is that of a GPU that the run used.
 *
 * Pure.
 */
export const staleOf = (records: ReadonlyArray<RunRecord>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const runs = records.map((record) => ({ record, engine: engineOf(record), drivers: [...driversOf(record)] }))
  const engines = latestOf(runs, ({ engine }) => [engine])
  const drivers = latestOf(runs, (run) => run.drivers.map(([gpu]) => gpu))
  return new Map(
    runs.flatMap(({ drivers: own, engine, record }) => {
      const reasons = [
        ...engineChange(record, engines.get(engine)!),
        ...own.flatMap(([gpu, driver]) => (used(record, gpu) ? driverChange(driver, gpu, drivers.get(gpu)!) : [])),
      ]
      return reasons.length === 0 ? [] : [[record.id, reasons] as const]
    }),
  )
}

/** A record and what it says of its host. */
interface Run {
  readonly record: RunRecord
  readonly engine: string
  readonly drivers: ReadonlyArray<readonly [gpu: string, driver: string]>
}

const latestOf = (
  runs: ReadonlyArray<Run>,
  keysOf: (run: Run) => ReadonlyArray<string>,
): ReadonlyMap<string, RunRecord> => {
  const latest = new Map<string, RunRecord>()
  for (const run of runs)
    for (const key of keysOf(run)) {
      const known = latest.get(key)
      if (known === undefined || isLater(run.record, known)) latest.set(key, run.record)
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
        `${name} ${was.get(name) ?? "was not installed"}; the host has ${is.get(name) ?? "none"} by ${day(latest)}`,
    )
}

const versionsOf = ({ cell: { runtime } }: RunRecord): ReadonlyMap<string, string> =>
  new Map([[runtime.program, runtime.version], ...Object.entries(runtime.libraries)])

const driverChange = (driver: string, gpu: string, latest: RunRecord): ReadonlyArray<string> => {
  const now = driversOf(latest).get(gpu)!
  return now === driver ? [] : [`driver ${driver}; the host has ${now} by ${day(latest)}`]
}

/** Of the record that shows it; the change itself may be older. */
const day = ({ startedAt }: RunRecord): string => `the record of ${startedAt.slice(0, 10)}`
