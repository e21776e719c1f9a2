/** A program that closes threads while they start; run by StreamThread.integration.test.ts. It prints how many. */
import { setTimeout } from "node:timers/promises"
import { startStreamThread } from "../../../src/engine/process/StreamThread.ts"

const THREADS = 60
for (let thread = 0; thread < THREADS; thread++) {
  const { close } = startStreamThread({ url: "http://127.0.0.1:1", headers: {}, keepAlive: false })
  // Each a little later than the one before: some are about to load what they need.
  await setTimeout(2 * thread)
  await close()
}
process.stdout.write(`${THREADS}\n`)
