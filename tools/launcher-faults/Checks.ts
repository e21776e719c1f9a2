import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Site } from "./Site.ts"

/** What a sweep left in its workspace. */
export interface SweepResult {
  readonly records: number
  readonly attempts: number
  /** Records of attempts that were lost or replaced: complete, and not taken in. */
  readonly orphans: number
  /** What is wrong, a sentence each. */
  readonly wrong: ReadonlyArray<string>
}

const configIdOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as { cell: { config: { id: string } } }).cell.config.id

const foldersIn = (folder: string): ReadonlyArray<string> => (existsSync(folder) ? readdirSync(folder) : [])

/** Whether each config has exactly one record, which is that of one attempt, byte for byte. */
export const checkRecords = (raw: string, configs: ReadonlyArray<string>, site: Site): SweepResult => {
  const wrong: Array<string> = []
  const ids = foldersIn(raw)
  const complete = ids.filter((id) => existsSync(join(raw, id, "record.json")))
  for (const id of ids) if (!complete.includes(id)) wrong.push(`${id} is in the workspace without a record.`)
  const byConfig = Map.groupBy(complete, (id) => configIdOf(join(raw, id)))
  for (const config of configs) {
    const own = byConfig.get(config) ?? []
    if (own.length !== 1) wrong.push(`${config} was accepted ${own.length} times: ${own.join(", ")}.`)
  }
  const attempts = site.attempts(raw)
  const folders = new Set(attempts.map(({ records }) => records))
  const written = [...folders].flatMap((records) =>
    foldersIn(records)
      .filter((id) => existsSync(join(records, id, "record.json")))
      .map((id) => ({ id, folder: join(records, id) })),
  )
  const same = (one: string, other: string, file: string) =>
    readFileSync(join(one, file)).equals(readFileSync(join(other, file)))
  const isAccepted = ({ folder, id }: (typeof written)[number]) =>
    complete.includes(id) && ["record.json", "samples.ndjson"].every((file) => same(folder, join(raw, id), file))
  for (const id of complete)
    if (!written.some((one) => one.id === id && isAccepted(one))) wrong.push(`${id} is the record of no attempt.`)
  return {
    records: complete.length,
    attempts: attempts.length,
    orphans: written.filter((one) => !isAccepted(one)).length,
    wrong,
  }
}
