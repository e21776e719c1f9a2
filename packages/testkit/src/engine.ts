/** The fake engine, as a separate program: see `fakeEngine`. Its one argument is an EngineBehaviour in JSON. */
import { spawn } from "node:child_process"
import { fakeServer } from "./FakeServer.ts"
import type { EngineBehaviour } from "./FakeEngine.ts"

const behaviour = JSON.parse(process.argv[2] ?? "{}") as EngineBehaviour
const { deaf = false, exits, leavesChild = false, loadMs = 0, port = 0 } = behaviour

if (deaf) process.on("SIGTERM", () => console.log("deaf to SIGTERM"))
if (leavesChild) spawn("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 1; done"], { stdio: "ignore" })
setTimeout(() => {
  if (exits !== undefined) {
    console.error(exits.says)
    process.exit(exits.code)
  }
  fakeServer(behaviour).listen(port, "127.0.0.1", () => console.log(`listening on ${port}`))
}, loadMs)
