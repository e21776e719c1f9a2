/** Renders a registry in a process of its own and says what it took. Arguments: reporter, number of models, file. */
import { makeRegistry } from "@rigbook/core"
import { writeFileSync } from "node:fs"
import { csv, html, json, markdown } from "@rigbook/reporters"
import { manyRecords } from "./records.ts"

const [id, models, file = ""] = process.argv.slice(2)
const records = manyRecords(Number(models))
const reporter = [csv, html, json, markdown].find((candidate) => candidate.id === id)!
const before = process.resourceUsage().maxRSS
const from = performance.now()
const text = reporter.registry(makeRegistry(records, []))
const ms = performance.now() - from
if (file !== "") writeFileSync(file, text)
console.log(JSON.stringify({ ms, characters: text.length, addedKib: process.resourceUsage().maxRSS - before }))
