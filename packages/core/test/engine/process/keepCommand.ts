/** A program that runs a guarded command until it is killed; run by ShortCommand.integration.test.ts. It prints two process ids. */
import { Effect } from "effect"
import { shortCommand } from "../../../src/engine/process/ShortCommand.ts"

const script = "trap '' TERM; sleep 600 & echo $$ $!; wait"
const onLine = (line: string) => console.log(line)
await Effect.runPromise(shortCommand("/bin/sh", ["-c", script], { guarded: true, timeoutMs: 600_000, onLine }))
