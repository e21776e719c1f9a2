import { Buffer, isUtf8 } from "node:buffer"

/** Text that is not decoded yet. */
export interface TextBytes {
  /** Copies these bytes: they may be overwritten then. */
  readonly add: (source: Buffer, start: number, end: number) => void
  /** Everything since the last call, decoded; `undefined` for what is not UTF-8. */
  readonly take: () => string | undefined
}

/**
 * Collects pieces of text as bytes. Appending each token to a string would make a tree of as many strings,
 * which live as long as the answer takes: sixty bytes per token for the collector to move.
 */
export const makeTextBytes = (): TextBytes => {
  let bytes = Buffer.allocUnsafeSlow(256) // not of the shared slab, which a long answer would hold on to
  let length = 0
  return {
    add: (source, start, end) => {
      const needed = length + end - start
      if (needed > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(2 * needed)
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += source.copy(bytes, length, start, end)
    },
    take: () => {
      const whole = bytes.subarray(0, length)
      length = 0
      return isUtf8(whole) ? whole.toString("utf8") : undefined
    },
  }
}
