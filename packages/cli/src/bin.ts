#!/usr/bin/env node
import module from "node:module"
import { setFlagsFromString } from "node:v8"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Rigbook needs Node 22.19 or newer; this is ${process.versions.node}.\n`)
  process.exit(2)
}

// Progress that can't be written is dropped, and so are results that nobody reads, as in `rigbook runs | head`: what is
// measured goes to the disk, and must not end with a terminal. Results that should have been kept are a failure.
process.stderr.on("error", () => {})
process.on("SIGXFSZ", () => {}) // of a file that grows too large (ulimit -f): its write fails, and that is reported
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") return
  process.once("exit", (exitCode) => {
    process.stderr.write(`Standard output can't be written (${code}).\n`)
    if (exitCode === 0) process.exitCode = 1
  })
})

// What is thrown outside of any command, such as by a library's timer, ends with a line too.
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (cause: unknown) => {
    void import("./Defect.ts")
      .then(({ defectOf, reportDefect }) => {
        process.stderr.write(`${reportDefect(defectOf(cause), process.argv[2] ?? "")}\n`)
      })
      .catch(() => {
        // Its own files are gone, as after an update while it ran. Left to this handler, that would come here again for ever.
        const said = cause instanceof Error ? cause.message : String(cause)
        process.stderr.write(`${said}\nRigbook's own files have changed or are gone: run the command again.\n`)
      })
      .finally(() => process.exit(1))
  })

// A shell waits for names at each press of a key: they come from folders, before anything else is loaded.
const [command, kind] = process.argv.slice(2)
if (command === "__names") {
  const { NAME_KINDS, namesFor } = await import("./complete/Names.ts")
  const known = NAME_KINDS.find((each) => each === kind)
  if (known !== undefined)
    process.stdout.write(
      namesFor(known, process.cwd())
        .map((name) => `${name}\n`)
        .join(""),
    )
  process.exit(known === undefined ? 2 : 0)
}

// The young generation gets 1 MB: by default this program would take 100 MB from the model that it measures.
// To collect so little, helper threads take longer to wake than to work.
setFlagsFromString("--semi-space-growth-factor=1")
setFlagsFromString("--no-parallel-scavenge")
module.enableCompileCache()
// Two steps, imported after the line above so that both come from the cache. Parsing is one bundle and starts
// in a tenth of a second; what a command needs is loaded only when there is a command to carry out.
const { parse } = await import("./Parse.ts")
const parsed = await parse(process.argv.slice(2))
if (typeof parsed === "number") process.exitCode = parsed
else {
  const { carryOut } = await import("./CarryOut.ts")
  carryOut(parsed)
}
