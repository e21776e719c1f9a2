import { Effect, type Scope } from "effect"
import { closeSync, constants, openSync, readlinkSync, readSync } from "node:fs"
import { shortCommand } from "./ShortCommand.ts"

/** What the kernel has written since its log was opened. */
export interface KernelLines {
  readonly lines: ReadonlyArray<string>
  /** Whether no line is missing: then what is not among the lines has not happened. */
  readonly whole: boolean
}

/** Reads from where it was opened. `undefined` if the log can't be read, or uses other process ids than we do. */
export type KernelLog = Effect.Effect<KernelLines | undefined>

/** Opens the kernel's log at its end: what is read from it has happened since. */
export const openKernelLog: Effect.Effect<KernelLog, never, Scope.Scope> = Effect.gen(function* () {
  if (!seesKernelIds()) return Effect.succeed(undefined)
  const fromMs = Date.now()
  const records = yield* Effect.acquireRelease(Effect.sync(openRecords), (opened) => Effect.sync(() => opened?.close()))
  if (records === undefined) return journal(fromMs)
  records.read() // earlier records
  let whole = true
  const lines: Array<string> = []
  return Effect.sync(() => {
    const more = records.read()
    lines.push(...more.lines)
    whole &&= more.whole
    return { lines, whole }
  })
})

/** The first pid namespace: the kernel's log has ids of that one, and a container may have another. */
const INITIAL_PIDS = "pid:[4026531836]"

const seesKernelIds = (): boolean => {
  try {
    return readlinkSync("/proc/self/ns/pid") === INITIAL_PIDS
  } catch {
    return false // no Linux
  }
}

/** Of a record of /dev/kmsg `level,sequence,µs,flags;message`, then its properties: the message. Pure. */
export const messageIn = (record: string): string => {
  const start = record.indexOf(";")
  return record.slice(start + 1).split("\n", 1)[0]!
}

/** No record is longer. */
const RECORD_BYTES = 8192

/** /dev/kmsg gives one record per read; root may read it, and everybody if kernel.dmesg_restrict is 0. */
const openRecords = () => {
  let file: number
  try {
    file = openSync("/dev/kmsg", constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
  const record = Buffer.alloc(RECORD_BYTES)
  let open = true
  const read = (): KernelLines => {
    const lines: Array<string> = []
    let whole = open
    while (open) {
      try {
        const size = readSync(file, record, 0, RECORD_BYTES, null)
        if (size === 0) return { lines, whole: false } // no log: some containers have an empty file there
        lines.push(messageIn(record.toString("utf8", 0, size)))
      } catch (cause) {
        const code = cause instanceof Error && "code" in cause ? cause.code : undefined
        if (code === "EAGAIN") return { lines, whole } // no more yet
        whole = false
        if (code !== "EPIPE") return { lines, whole }
        // EPIPE: records were overwritten before they were read. Reading continues after them.
      }
    }
    return { lines, whole }
  }
  const close = (): void => {
    open = false
    closeSync(file)
  }
  return { close, read }
}

/** systemd's copy, which members of adm may read. It is a little late, and lines may be missing. */
const journal = (fromMs: number): KernelLog => {
  const since = `@${Math.floor(fromMs / 1000)}`
  return shortCommand("journalctl", ["-k", "-q", "--no-pager", "-o", "cat", "--since", since]).pipe(
    Effect.delay("300 millis"),
    Effect.map(({ stdout }) => ({ lines: stdout.split("\n"), whole: false })),
    Effect.orElseSucceed(() => undefined),
  )
}
