import { readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"
import { procStat } from "./ProcStat.ts"

/**
 * Which process wrote something: process ids are reused, so the kernel's boot and the time at which it started the
 * process are part of it. Where there is no /proc these are unknown: a hyphen.
 */
export interface ProcessMark {
  readonly pid: number
  readonly start: string
  /** Of process ids: a container has its own. */
  readonly namespace: string
  readonly boot: string
  readonly host: string
}

const UNKNOWN = "-"

let own: ProcessMark | undefined

/** This process. */
export const ownMark = (): ProcessMark =>
  (own ??= {
    pid: process.pid,
    start: procStat(process.pid)?.start ?? UNKNOWN,
    namespace: /\d+/.exec(orEmpty(() => readlinkSync("/proc/self/ns/pid")))?.[0] ?? UNKNOWN,
    boot: orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")).slice(0, 8) || UNKNOWN,
    host: hostname().replaceAll(/[^\w.-]/g, "_") || UNKNOWN,
  })

/** As one word, which can be part of a file's name. */
export const markText = ({ boot, host, namespace, pid, start }: ProcessMark): string =>
  [pid, start, namespace, boot, host].join("~")

/** Pure. `undefined` for any other text. */
export const parseMark = (text: string): ProcessMark | undefined => {
  const [, pid, start, namespace, boot, host] = /^(\d{1,10})~(\d+|-)~(\d+|-)~([0-9a-f]+|-)~([\w.-]+)$/.exec(text) ?? []
  if (pid === undefined || Number(pid) === 0) return undefined
  return { pid: Number(pid), start: start!, namespace: namespace!, boot: boot!, host: host! }
}

/**
 * Whether a process has ended; `elsewhere` if that can't be known here, because it is one of another machine, or of
 * another container. A machine or a container that was started again has the same name: its earlier processes have ended.
 */
export const stateOf = (mark: ProcessMark, here = ownMark()): "running" | "ended" | "elsewhere" => {
  const sameKernel = mark.boot === here.boot && mark.namespace === here.namespace
  if (sameKernel && (mark.boot !== UNKNOWN || mark.host === here.host)) return runs(mark) ? "running" : "ended"
  return mark.host === here.host ? "ended" : "elsewhere"
}

const runs = ({ pid, start }: ProcessMark): boolean => {
  const stat = procStat(pid)
  if (stat !== undefined && start !== UNKNOWN) return stat.start === start && stat.state !== "Z"
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" // another user's, which /proc may hide
  }
}

const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ""
  }
}
