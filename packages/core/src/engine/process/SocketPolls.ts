/** Sockets that libuv finds at once. */
const FOUND = 1024

/** The minimum time between polls, in milliseconds, with many streams. */
const APART_MS = 0.2
/** A shorter rest costs more than it saves. */
const LEAST_REST_MS = 0.05

/** When the loop of this thread polled its sockets. */
export interface SocketPolls {
  /**
   * When the bytes that the loop found had arrived, on `process.hrtime`. It found them all when it polled: the last of
   * five hundred sockets is read a millisecond after the first. Only what is first in its read had arrived by then.
   */
  readonly foundNs: () => bigint
  /** Milliseconds that it has rested between polls, in total. */
  readonly restedMs: () => number
}

/**
 * Waking costs a thread as much as reading several tokens. At 512 streams it would be woken ten thousand times a
 * second, by two or three tokens each, and take that time from an engine on the same machine. So it waits for more of
 * them, as network cards do before they interrupt, while `mayRest` says that there are many streams and nothing else to
 * do; what arrives meanwhile is stamped that much later.
 */
export const makeSocketPolls = (mayRest: () => boolean): SocketPolls => {
  let foundAtNs: bigint | undefined
  let found = 0
  let restedMs = 0
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  const pollAgain = (): void => {
    const lastNs = foundAtNs!
    foundAtNs = undefined
    if (!mayRest()) return
    const startNs = process.hrtime.bigint()
    const restMs = APART_MS - Number(startNs - lastNs) / 1e6
    if (restMs < LEAST_REST_MS) return
    Atomics.wait(nobody, 0, 0, restMs)
    restedMs += Number(process.hrtime.bigint() - startNs) / 1e6
  }
  return {
    foundNs: () => {
      if (foundAtNs === undefined || ++found >= FOUND) {
        if (foundAtNs === undefined) setImmediate(pollAgain)
        foundAtNs = process.hrtime.bigint()
        found = 0
      }
      return foundAtNs
    },
    restedMs: () => restedMs,
  }
}
