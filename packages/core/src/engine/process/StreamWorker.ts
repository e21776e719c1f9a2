import { monitorEventLoopDelay, performance } from "node:perf_hooks"
import { parentPort, workerData } from "node:worker_threads"
import { Stamps } from "../../scenario/Stamps.ts"
import type { StreamedCompletion } from "./CompletionReader.ts"
import { loopReadings, RESOLUTION_MS } from "./LoopReadings.ts"
import { makeSocketPolls } from "./SocketPolls.ts"
import { streamRequest } from "./StreamRequest.ts"
import type { Order, Report, SendOrder } from "./StreamThread.ts"
import { raisePriority } from "./ThreadPriority.ts"
import { type FailedRequest, makeTransport, type TransportOptions } from "./Transport.ts"

/** The other side of StreamThread: a thread that only reads answers and stamps them. */

void raisePriority()
const port = parentPort!
const transport = makeTransport(workerData as TransportOptions)
const aborts = new Map<number, () => void>()
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
let before = performance.eventLoopUtilization()
let restedBefore = 0
delay.enable()

const report = (message: Report): void => port.postMessage(message)

/* Requests end and begin in groups. Between two of them the sockets are polled, because their bytes are what is timed. */
const jobs: Array<() => void> = []
const later = (job: () => void): void => {
  if (jobs.push(job) === 1) setImmediate(next)
}
const next = (): void => {
  jobs.shift()!()
  if (jobs.length > 0) setImmediate(next)
}

/** With fewer streams than this, each token is read as soon as possible. */
const MANY_STREAMS = 256
const polls = makeSocketPolls(() => aborts.size > MANY_STREAMS && jobs.length === 0)

let ended: Array<readonly [number, () => StreamedCompletion | FailedRequest]> = []
const tellEnded = (): void => {
  const ends = ended.filter(([id]) => aborts.delete(id)).map(([id, end]) => [id, end()] as const)
  ended = []
  if (ends.length > 0) report({ kind: "ended", ends })
}

const send = ({ id, memory, request }: SendOrder): void => {
  const stamps = new Stamps(memory)
  const observer = {
    sent: () => stamps.sent(stamps.now()),
    chunk: (tokens: number, reasoning: boolean, first: boolean) => {
      const atMs = first ? stamps.now(polls.foundNs()) : stamps.now()
      if (stamps.chunk(atMs, tokens, reasoning)) report({ kind: "moved", id, memory: stamps.buffer })
    },
  }
  const abort = streamRequest(transport, request, observer, (end, lateMs = 0) => {
    stamps.end(stamps.now() - lateMs)
    if (ended.push([id, end]) === 1) later(tellEnded)
  })
  aborts.set(id, abort)
}

const obey = (order: Order): void => {
  switch (order.kind) {
    case "send":
      return later(() => send(order))
    case "abort":
      return later(() => {
        aborts.get(order.id)?.()
        aborts.delete(order.id)
      })
    case "watch":
      delay.reset()
      before = performance.eventLoopUtilization()
      restedBefore = polls.restedMs()
      return undefined
    case "tell":
      return report({ kind: "readings", readings: loopReadings(delay, before, polls.restedMs() - restedBefore) })
  }
}

port.on("message", (orders: ReadonlyArray<Order>) => orders.forEach(obey))
report({ kind: "started" })
