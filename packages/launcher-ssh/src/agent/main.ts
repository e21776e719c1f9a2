// Runs on the other machine, on Node alone: keeps units, carries them out one after the other, and answers questions about
// them. `node main.js HOME` answers lines {"id", "command", "input"} of standard input with lines {"id", "answer"} or
// {"id", "error"}, until that ends; `node main.js HOME queue` carries units out.
import { mkdirSync } from "node:fs"
import { cancel } from "./Cancel.ts"
import { files, link } from "./Files.ts"
import { closed, observe } from "./Observe.ts"
import { queue } from "./Queue.ts"
import { submit } from "./Submit.ts"
import { collected, tidy } from "./Tidy.ts"
import { UNITS } from "./Unit.ts"

const COMMANDS: Readonly<Record<string, (input: never) => unknown>> = {
  submit,
  observe,
  cancel,
  files,
  link,
  collected,
  tidy,
}

/** Answers a line. */
const answer = async (line: string): Promise<void> => {
  const { command, id, input } = JSON.parse(line) as { id: number; command: string; input: unknown }
  const answered = await Promise.resolve()
    .then(() => COMMANDS[command]!(input as never))
    .then((result) => ({ id, answer: result }))
    .catch((error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }))
  process.stdout.write(`${JSON.stringify(answered)}\n`)
}

/** Answers lines, several at the same time, until standard input ends: a `cancel` is carried out to its end even then. */
const serve = async (): Promise<void> => {
  process.stdout.on("error", () => {}) // the connection broke: who made it asks again over another one
  let text = ""
  process.stdin.setEncoding("utf8")
  for await (const chunk of process.stdin) {
    const lines = `${text}${chunk}`.split("\n")
    text = lines.pop()!
    for (const line of lines) void answer(line)
  }
  closed.abort()
}

mkdirSync(UNITS, { recursive: true })
await (process.argv[3] === "queue" ? queue() : serve())
