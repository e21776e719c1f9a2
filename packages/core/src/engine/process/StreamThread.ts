import { Worker } from "node:worker_threads"
import type { Stamps } from "../../scenario/Stamps.ts"
import type { StreamedCompletion } from "./CompletionReader.ts"
import type { LoopReadings } from "./LoopReadings.ts"
import type { FailedRequest, HttpRequest, TransportOptions } from "./Transport.ts"

/** A request for a thread to send: its times go into this memory. */
export interface SendOrder {
  readonly kind: "send"
  readonly id: number
  readonly request: HttpRequest
  readonly memory: SharedArrayBuffer
}

/** Messages to the thread. */
export type Order =
  | SendOrder
  | { readonly kind: "abort"; readonly id: number }
  /** Readings count from now on. */
  | { readonly kind: "watch" }
  | { readonly kind: "tell" }

/** Messages from the thread. */
export type Report =
  /** It has loaded all that it needs. */
  | { readonly kind: "started" }
  | {
      readonly kind: "ended"
      readonly ends: ReadonlyArray<readonly [id: number, end: StreamedCompletion | FailedRequest]>
    }
  /** A request has more chunks than fit into its memory. */
  | { readonly kind: "moved"; readonly id: number; readonly memory: SharedArrayBuffer }
  | { readonly kind: "readings"; readonly readings: LoopReadings }

/**
 * A thread that sends requests for streamed completions and stamps what arrives, so that nothing that this
 * thread does (progress, telemetry, files) makes a chunk look late. Two messages a request, or for some requests
 * together; the times are in shared memory.
 */
export interface StreamThread {
  /** The returned function aborts the request, and then `onEnd` is not called. An error means that the thread ended. */
  readonly send: (
    request: HttpRequest,
    stamps: Stamps,
    onEnd: (end: StreamedCompletion | FailedRequest | Error) => void,
  ) => () => void
  /** Begins to count how busy it is. */
  readonly watch: () => void
  /** How busy it was since then. */
  readonly readings: () => Promise<LoopReadings>
  readonly close: () => Promise<void>
}

interface Pending {
  readonly stamps: Stamps
  readonly onEnd: (end: StreamedCompletion | FailedRequest | Error) => void
}

/**
 * Its garbage is short pieces of text that are dropped at once: a larger young generation would take memory and save
 * nothing.
 */
const YOUNG_MB = 2

/** Beside this file in the source, beside the bundle when it is built. */
const FILE = new URL(`./StreamWorker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)

export const startStreamThread = (server: TransportOptions): StreamThread => {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB }
  const worker = new Worker(FILE, { workerData: server, execArgv: [], resourceLimits })
  const pending = new Map<number, Pending>()
  let asking: Array<{ readonly resolve: (readings: LoopReadings) => void; readonly reject: (error: Error) => void }> =
    []
  let ended: Error | undefined
  // Node aborts the whole program if a thread is ended while it loads a native library.
  const { promise: started, resolve: hasStarted } = Promise.withResolvers<void>()
  let id = 0
  let orders: Array<Order> = []
  const order = (reported: Order): void => {
    if (orders.push(reported) === 1) queueMicrotask(post)
  }
  const post = (): void => {
    worker.postMessage(orders)
    orders = []
  }
  worker.on("message", (report: Report) => {
    switch (report.kind) {
      case "ended":
        for (const [own, end] of report.ends) {
          const { onEnd } = pending.get(own) ?? {}
          pending.delete(own)
          onEnd?.(end)
        }
        return undefined
      case "moved":
        return pending.get(report.id)?.stamps.follow(report.memory)
      case "readings":
        return asking.shift()?.resolve(report.readings)
      case "started":
        return hasStarted()
    }
  })
  const fail = (error: Error): void => {
    hasStarted()
    if (ended !== undefined) return
    ended = error
    for (const { onEnd } of pending.values()) onEnd(error)
    for (const { reject } of asking) reject(error)
    pending.clear()
    asking = []
  }
  worker.on("error", fail)
  worker.on("exit", (code) => fail(new Error(`the thread that reads answers ended with ${code}`)))
  return {
    send: (request, stamps, onEnd) => {
      if (ended !== undefined) {
        onEnd(ended)
        return () => {}
      }
      const own = id++
      pending.set(own, { stamps, onEnd })
      order({ kind: "send", id: own, request, memory: stamps.buffer })
      return () => {
        if (pending.delete(own)) order({ kind: "abort", id: own })
      }
    },
    watch: () => order({ kind: "watch" }),
    readings: () =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        asking.push({ resolve, reject })
        order({ kind: "tell" })
      }),
    close: async () => {
      await started
      await worker.terminate()
    },
  }
}
