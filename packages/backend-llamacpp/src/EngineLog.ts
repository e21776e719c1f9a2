/** What llama-server reports in its log, at `-lv 4`. */
export interface EngineLog {
  /** Such as `11669 (Debian)`. */
  readonly build?: string
  /** Memory by device and kind, of the model that was loaded last. */
  readonly buffers: ReadonlyArray<LogBuffer>
  /** Layers that it claims to have put on a GPU. It does so on machines without one, too: buffers are the proof. */
  readonly offloaded?: { readonly layers: number; readonly of: number }
  /** Whether tensors were kept in host memory though their layers are on a GPU. */
  readonly overridden: boolean
  readonly settings: Readonly<Record<string, string | number>>
}

export interface LogBuffer {
  /** `CPU`, or a GPU's name, such as `CUDA0`; an RPC server's is `RPC[host:port]`. */
  readonly device: string
  readonly kind: BufferKind
  readonly bytes: number
}

type BufferKind = "model" | "KV" | "output" | "compute"

const BUFFER = /: +(\S+) +(model|KV|RS|output|compute) buffer size *= *([\d.]+) MiB/

export const readEngineLog = (log: string): EngineLog => {
  const lines = log.split("\n")
  const build = firstOf(lines, /\bbuild:? (\d+ \(\S+\))/)
  const offloaded = lastMatch(lines, /offloaded (\d+)\/(\d+) layers to GPU/)
  return {
    ...(build === undefined ? {} : { build }),
    buffers: readBuffers(lines),
    ...(offloaded === undefined ? {} : { offloaded: { layers: Number(offloaded[1]), of: Number(offloaded[2]) } }),
    overridden: lines.some((line) => line.includes("tensor overrides to CPU are used")),
    settings: readSettings(lines),
  }
}

/**
 * Sums buffers of one device and kind: a model with sliding windows has two KV caches, mapped and repacked
 * weights are apart. The graph is reserved several times, so the last `compute` line counts. Loads and
 * contexts before the last are dropped: they were attempts (of `-fit`).
 */
const readBuffers = (lines: ReadonlyArray<string>): ReadonlyArray<LogBuffer> => {
  const found = new Map<string, LogBuffer>()
  for (const line of lines) {
    if (line.includes("llama_model_loader: loaded meta data")) found.clear()
    if (line.includes("constructing llama_context"))
      for (const [key, { kind }] of found) if (kind !== "model") found.delete(key)
    const match = BUFFER.exec(line)
    if (match === null) continue
    const device = deviceOf(match[1]!)
    // States of recurrent layers are planned with the KV cache, so they are compared with it.
    const kind = match[2] === "RS" ? "KV" : (match[2] as BufferKind)
    const key = `${device} ${kind}`
    const before = kind === "compute" ? 0 : (found.get(key)?.bytes ?? 0)
    found.set(key, { device, kind, bytes: before + Math.round(Number(match[3]) * 2 ** 20) })
  }
  return [...found.values()]
}

/** Every RPC server calls its device `RPC0`, so the address has to distinguish them. */
const deviceOf = (buffer: string): string => {
  if (/^(CPU|AMX|BLAS)(_|$)|_Host$/.test(buffer)) return "CPU"
  return buffer.replace(/_(Mapped|Private|REPACK)$/, "").replace(/^RPC\d+\[/, "RPC[")
}

const readSettings = (lines: ReadonlyArray<string>): EngineLog["settings"] => {
  const number = (pattern: RegExp) => {
    const match = lastMatch(lines, pattern)
    return match === undefined ? undefined : Number(match[1])
  }
  const cache = lastMatch(lines, /\bK \((\w+)\).*\bV \((\w+)\)/)
  const flash = lastMatch(lines, /flash[ _]att\w*.*\b(enabled|disabled)\b/i)
  const settings = {
    context: number(/\bn_ctx_(?:seq|per_seq) += (\d+)/),
    parallel: number(/\bn_slots = (\d+)/),
    threads: number(/\bn_threads = (\d+)/),
    batch: number(/llama_context: n_batch += (\d+)/),
    ubatch: number(/llama_context: n_ubatch += (\d+)/),
    flashAttention: flash === undefined ? undefined : flash[1]!.toLowerCase() === "enabled" ? "on" : "off",
    speculation: lastMatch(lines, /adding speculative implementation '([^']+)'/)?.[1],
    kvCache: cache === undefined ? undefined : cache[1] === cache[2] ? cache[1] : `${cache[1]}/${cache[2]}`,
  }
  return Object.fromEntries(
    Object.entries(settings).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  )
}

const lastMatch = (lines: ReadonlyArray<string>, pattern: RegExp): RegExpExecArray | undefined => {
  for (let index = lines.length - 1; index >= 0; index--) {
    const match = pattern.exec(lines[index]!)
    if (match !== null) return match
  }
  return undefined
}

const firstOf = (lines: ReadonlyArray<string>, pattern: RegExp): string | undefined => {
  for (const line of lines) {
    const match = pattern.exec(line)
    if (match !== null) return match[1]
  }
  return undefined
}
