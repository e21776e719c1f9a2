import type { Load, PlannedRequest } from "@rigbook/core"
import { Effect } from "effect"

/** Streams that start in one millisecond: five hundred requests in one tick would wait for each other here. */
const STARTS_PER_MS = 4

/** What a load consists of. */
export interface Sending {
  readonly requests: ReadonlyArray<PlannedRequest>
  readonly load: Load
  /** Milliseconds since the start of the trial. */
  readonly now: () => number
  /** Sends one; returns whether to continue. `index` counts requests in the order in which they start. */
  readonly send: (planned: PlannedRequest, index: number) => Effect.Effect<boolean>
}

/** Sends requests as a load says, until the last has ended or one says that it is over. */
export const sendAll = (sending: Sending): Effect.Effect<void> => {
  const { load, now, requests } = sending
  switch (load.kind) {
    case "streams":
      return closedLoop(sending, load.streams, (index) => requests[index])
    case "soak":
      return closedLoop(sending, load.streams, (index) => (now() < load.durationMs ? load.at(index) : undefined))
    case "arrivals":
      return openLoop(sending)
  }
}

const closedLoop = (
  { send }: Sending,
  streams: number,
  at: (index: number) => PlannedRequest | undefined,
): Effect.Effect<void> => {
  let started = 0
  let over = false
  const stream = Effect.fnUntraced(function* (delayMs: number) {
    if (delayMs > 0) yield* Effect.sleep(delayMs)
    while (!over) {
      const planned = at(started)
      if (planned === undefined) return
      if (!(yield* send(planned, started++))) over = true
    }
  })
  return Effect.forEach(
    Array.from({ length: streams }, (_, index) => Math.floor(index / STARTS_PER_MS)),
    stream,
    { concurrency: "unbounded", discard: true },
  )
}

/** No request waits for another, so a slow engine can't slow the arrivals down (coordinated omission). */
const openLoop = ({ now, requests, send }: Sending): Effect.Effect<void> =>
  Effect.gen(function* () {
    let over = false
    for (const [index, planned] of requests.entries()) {
      // A timer may fire a fraction of a millisecond early: nothing is sent before its time.
      for (let left = (planned.atMs ?? 0) - now(); left > 0; left = (planned.atMs ?? 0) - now())
        yield* Effect.sleep(Math.max(1, Math.floor(left)))
      if (over) break
      const sending = Effect.map(send(planned, index), (goOn) => void (over ||= !goOn))
      yield* Effect.forkChild(sending, { startImmediately: true })
    }
  }).pipe(Effect.awaitAllChildren)
