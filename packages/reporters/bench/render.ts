/**
 * Renders a registry in a process of its own and says what it took. Arguments: reporters, parted by commas, number of
 * models, file of the last one's text.
 */
import { makeRegistry } from "@rigbook/core"
import { writeFileSync } from "node:fs"
import { csv, html, json, markdown } from "@rigbook/reporters"
import { manyRecords } from "./records.ts"

const [ids = "", models, file = ""] = process.argv.slice(2)
const records = manyRecords(Number(models))
const reporters = ids.split(",").map((id) => [csv, html, json, markdown].find((candidate) => candidate.id === id)!)
const before = process.resourceUsage().maxRSS
const [from, cpu] = [performance.now(), process.cpuUsage()]
const registry = makeRegistry(records, [])
let [text, characters] = ["", 0]
for (const reporter of reporters) {
  text = reporter.registry(registry)
  characters += text.length
}
const ms = performance.now() - from
const { system, user } = process.cpuUsage(cpu)
if (file !== "") writeFileSync(file, text)
console.log(
  JSON.stringify({
    ms,
    cpuMs: (user + system) / 1000,
    characters,
    addedKib: process.resourceUsage().maxRSS - before,
    allKib: process.resourceUsage().maxRSS,
  }),
)
