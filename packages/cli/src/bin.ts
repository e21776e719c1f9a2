#!/usr/bin/env node
import { enableCompileCache } from "node:module"

enableCompileCache()
// Two steps, imported after the line above so that both come from the cache. Parsing is bundled whole and starts
// in a tenth of a second; what a command needs is loaded only when there is a command to carry out.
const { parse } = await import("./Parse.ts")
const parsed = await parse(process.argv.slice(2))
if (typeof parsed === "number") process.exitCode = parsed
else {
  const { carryOut } = await import("./CarryOut.ts")
  carryOut(parsed)
}
