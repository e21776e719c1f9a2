/** Renders a registry in a process of its own and says what it took. Arguments: reporter, number of models, file. */
import { makeRegistry } from "@rigbook/core"
import { writeFileSync } from "node:fs"
import { csv, html, json, markdown } from "@rigbook/reporters"
import { manyRecords } from "./records.ts"

const [id, models, file = ""] = process.argv.slice(2)
const records = manyRecords(Number(models))
const reporter = [csv, html, json, markdown].find((candidate) => candidate.id === id)!
const before = process.resourceUsage().maxRSS
const [from, cpu] = [performance.now(), process.cpuUsage()]
const text = reporter.registry(makeRegistry(records, []))
const ms = performance.now() - from
const { system, user } = process.cpuUsage(cpu)
if (file !== "") writeFileSync(file, text)
console.log(
  JSON.stringify({
    ms,
    cpuMs: (user + system) / 1000,
    characters: text.length,
    addedKib: process.resourceUsage().maxRSS - before,
  }),
)
