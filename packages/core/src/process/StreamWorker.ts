/** The other side of StreamThread: a thread that does nothing but read answers and put times on them. */
import { monitorEventLoopDelay, performance } from "node:perf_hooks"
import { parentPort, workerData } from "node:worker_threads"
import { Stamps } from "../workload/Stamps.ts"
import { loopReadings, RESOLUTION_MS } from "./LoopReadings.ts"
import { streamRequest } from "./StreamRequest.ts"
import type { Order, Report } from "./StreamThread.ts"
import { makeTransport, type TransportOptions } from "./Transport.ts"

const port = parentPort!
const transport = makeTransport(workerData as TransportOptions)
const aborts = new Map<number, () => void>()
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
let before = performance.eventLoopUtilization()
delay.enable()

const report = (message: Report): void => port.postMessage(message)

port.on("message", (order: Order) => {
  switch (order.kind) {
    case "send": {
      const { id, memory, request } = order
      const stamps = new Stamps(memory)
      const observer = {
        sent: () => stamps.sent(stamps.now()),
        chunk: (tokens: number, reasoning = false) => {
          if (stamps.chunk(stamps.now(), tokens, reasoning)) report({ kind: "moved", id, memory: stamps.buffer })
        },
      }
      const abort = streamRequest(transport, request, observer, (end) => {
        if (!aborts.delete(id)) return
        stamps.end(stamps.now())
        report({ kind: "ended", id, end })
      })
      return aborts.set(id, abort)
    }
    case "abort": {
      const abort = aborts.get(order.id)
      aborts.delete(order.id)
      return abort?.()
    }
    case "watch":
      delay.reset()
      before = performance.eventLoopUtilization()
      return undefined
    case "tell":
      return report({ kind: "readings", readings: loopReadings(delay, before) })
  }
})
