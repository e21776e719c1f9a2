/* Doubles before the times. */
const COUNT = 0
const SENT = 1
const LAST = 2
const END = 3
const THOUGHTS = 4
const SEVERAL = 5
const ORIGIN = 6
const HEAD = 8

const BYTES = Float64Array.BYTES_PER_ELEMENT + Uint32Array.BYTES_PER_ELEMENT
const HEAD_BYTES = HEAD * Float64Array.BYTES_PER_ELEMENT

/**
 * The times of one request, in memory that threads share: the thread that reads an answer writes them, the one that
 * made the request sees its progress immediately. Times, `chunkMs` too, are milliseconds from the start of the trial. A
 * chunk costs a store into a typed array, and no message.
 */
export class Stamps {
  #buffer: SharedArrayBuffer
  #head: Float64Array
  #times: Float64Array
  #tokens: Uint32Array

  /** For memory that another thread created. */
  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer
    const room = (buffer.byteLength - HEAD_BYTES) / BYTES
    this.#head = new Float64Array(buffer, 0, HEAD)
    this.#times = new Float64Array(buffer, HEAD_BYTES, room)
    this.#tokens = new Uint32Array(buffer, HEAD_BYTES + this.#times.byteLength, room)
  }

  /**
   * For a request that starts now, with room for this many chunks; it grows by itself. `originNs` is the start of the
   * trial on `process.hrtime`, the one clock that all threads of a process have in common.
   */
  static of(chunks: number, nowMs: number, originNs: number): Stamps {
    const stamps = new Stamps(memoryFor(chunks))
    stamps.#head[ORIGIN] = originNs
    stamps.sent(nowMs)
    return stamps
  }

  get buffer(): SharedArrayBuffer {
    return this.#buffer
  }

  /** Continues in the memory that the other thread has moved to. */
  follow(buffer: SharedArrayBuffer): void {
    const there = new Stamps(buffer)
    this.#buffer = buffer
    this.#head = there.#head
    this.#times = there.#times
    this.#tokens = there.#tokens
  }

  /**
   * Now, or then, for a thread that has no other clock: `atNs` is of `process.hrtime`. Integer microseconds: see Trial.
   */
  now(atNs = process.hrtime.bigint()): number {
    return Math.round((Number(atNs) - this.#head[ORIGIN]!) / 1e3) / 1e3
  }

  sent(atMs: number): void {
    this.#head[SENT] = this.#head[LAST] = atMs
  }

  /** Returns whether the memory was replaced: then the other thread must be notified. */
  chunk(atMs: number, tokens: number, reasoning: boolean): boolean {
    const count = this.#head[COUNT]!
    const full = count === this.#times.length
    if (full) this.#grow()
    this.#times[count] = atMs
    this.#tokens[count] = tokens
    if (tokens !== 1) this.#head[SEVERAL] = 1
    if (reasoning && this.#head[THOUGHTS] === count) this.#head[THOUGHTS] = count + 1
    this.#head[LAST] = atMs
    this.#head[COUNT] = count + 1 // last: who sees the count sees the chunk
    return full
  }

  end(atMs: number): void {
    this.#head[END] = atMs
  }

  get count(): number {
    return this.#head[COUNT]!
  }

  get sentMs(): number {
    return this.#head[SENT]!
  }

  /** When it was sent, or when its last chunk arrived. */
  get lastMs(): number {
    return this.#head[LAST]!
  }

  /** `undefined` until it is written. */
  get endMs(): number | undefined {
    return this.#head[END] === 0 ? undefined : this.#head[END]
  }

  /** Chunks from the first on that were reasoning. */
  get thoughts(): number {
    return this.#head[THOUGHTS]!
  }

  get chunkMs(): ReadonlyArray<number> {
    return listOf(this.#times, this.count)
  }

  /** `undefined` when each chunk had one token. */
  get chunkTokens(): ReadonlyArray<number> | undefined {
    return this.#head[SEVERAL] === 0 ? undefined : listOf(this.#tokens, this.count)
  }

  #grow(): void {
    const { count } = this
    const [head, times, tokens] = [this.#head, this.#times, this.#tokens]
    this.follow(memoryFor(2 * count))
    this.#head.set(head)
    this.#times.set(times)
    this.#tokens.set(tokens)
  }
}

const memoryFor = (chunks: number): SharedArrayBuffer =>
  new SharedArrayBuffer(HEAD_BYTES + BYTES * Math.max(16, chunks + (chunks % 2)))

/** With the exact length and plain numbers: a spread would box each of them, at four times the size. */
const listOf = (values: Float64Array | Uint32Array, length: number): ReadonlyArray<number> => {
  // oxlint-disable-next-line unicorn/no-new-array -- by Array.from it takes fifty times as long
  const list = new Array<number>(length)
  for (let index = 0; index < length; index++) list[index] = values[index]!
  return list
}
