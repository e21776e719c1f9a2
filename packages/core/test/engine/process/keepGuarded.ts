/**
 * A program that keeps a command under its guard until it is killed; run by Guard.integration.test.ts. The command prints its process id
 * and that of a child. Nothing marks what it starts: only the guards themselves end it, and not another run that tidies up.
 */
import { spawn } from "node:child_process"
import { guarded } from "../../../src/engine/process/Guard.ts"

const { args, command } = guarded("/bin/sh", ["-c", "sleep 600 & echo $$ $!; wait"])
spawn(command, args, {
  detached: true,
  stdio: ["pipe", "inherit", "inherit", "ignore"],
  env: { PATH: "/usr/bin:/bin", GUARD_GRACE: "1" },
})
setInterval(() => undefined, 600_000)
