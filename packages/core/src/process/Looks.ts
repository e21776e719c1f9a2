/** Sockets that libuv finds at once. */
const FOUND = 1024

/** No look sooner than so long after the last one, in milliseconds, where many streams are under way. */
const APART_MS = 0.2
/** A shorter rest costs more than it saves. */
const LEAST_REST_MS = 0.05

/** When this thread looked at its sockets. */
export interface Looks {
  /**
   * When the bytes had come that the loop found, on `process.hrtime`. It found them all when it looked: the last of five
   * hundred sockets is read a millisecond after the first. Only what is first in its read had come by then.
   */
  readonly foundNs: () => bigint
  /** Milliseconds that it has rested between looks, all in all. */
  readonly restedMs: () => number
}

/**
 * To wake costs a thread as much as to read several tokens. At 512 streams it would be woken ten thousand times a second,
 * by two or three tokens each, and take that time from an engine on the same machine. So it waits for more of them, as
 * network cards do before they interrupt, while `mayRest` says that there are many streams and nothing else is to be
 * done; what comes meanwhile is seen so much later.
 */
export const makeLooks = (mayRest: () => boolean): Looks => {
  let lookedNs: bigint | undefined
  let found = 0
  let restedMs = 0
  const nobody = new Int32Array(new SharedArrayBuffer(4))
  const lookAgain = (): void => {
    const startNs = process.hrtime.bigint()
    const restMs = APART_MS - Number(startNs - lookedNs!) / 1e6
    lookedNs = undefined
    if (restMs < LEAST_REST_MS || !mayRest()) return
    Atomics.wait(nobody, 0, 0, restMs)
    restedMs += Number(process.hrtime.bigint() - startNs) / 1e6
  }
  return {
    foundNs: () => {
      if (lookedNs === undefined || ++found >= FOUND) {
        if (lookedNs === undefined) setImmediate(lookAgain)
        lookedNs = process.hrtime.bigint()
        found = 0
      }
      return lookedNs
    },
    restedMs: () => restedMs,
  }
}
