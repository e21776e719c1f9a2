import { Context } from "effect"
import { readFileSync } from "node:fs"
import os from "node:os"
import { performance } from "node:perf_hooks"

/** Time of all cores since the machine started, in milliseconds. */
export interface HostTimes {
  readonly busyMs: number
  readonly totalMs: number
}

/** What a process has used, its ended children included. */
export interface ProcessUse {
  /** Milliseconds of processor time, of all threads. */
  readonly cpuMs: number
  readonly threads: number
}

/** How the use of processors is read: of the machine, of processes, and of this process. */
export class UsageReader extends Context.Reference<{
  /** `undefined` if the system does not report it. */
  readonly host: () => HostTimes | undefined
  /** `undefined` where there is no such process, or no /proc. */
  readonly process: (pid: number) => ProcessUse | undefined
  /** Processor time of this process, and time in which its event loop was not idle, in milliseconds. */
  readonly own: () => { readonly cpuMs: number; readonly loopMs: number }
}>("rigbook/UsageReader", { defaultValue: () => ({ host: hostTimes, process: processUse, own: ownUse }) }) {}

/** The kernel reports times to programs in hundredths of a second (USER_HZ). */
const TICK_MS = 10

const hostTimes = (): HostTimes | undefined => {
  const line = /^cpu +(.+)$/m.exec(read("/proc/stat"))?.[1]
  if (line === undefined) return timesOfCores()
  // user nice system idle iowait irq softirq steal; guests are in user and nice already.
  const times = line.split(" ").slice(0, 8).map(Number)
  const total = times.reduce((sum, ticks) => sum + ticks, 0)
  return { busyMs: (total - times[3]! - times[4]!) * TICK_MS, totalMs: total * TICK_MS }
}

/** Without /proc; `undefined` if the system reports nothing. */
const timesOfCores = (): HostTimes | undefined => {
  const times = os.cpus().flatMap((core) => [core.times])
  const totalMs = times.reduce((sum, { idle, irq, nice, sys, user }) => sum + idle + irq + nice + sys + user, 0)
  return totalMs === 0 ? undefined : { busyMs: totalMs - times.reduce((sum, { idle }) => sum + idle, 0), totalMs }
}

const processUse = (pid: number): ProcessUse | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === "") return undefined
  // The name in brackets may hold anything: fields are counted from the last bracket, the state being field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const field = (number: number): number => Number(fields[number - 3])
  return { cpuMs: (field(14) + field(15) + field(16) + field(17)) * TICK_MS, threads: field(20) }
}

const ownUse = () => {
  const { system, user } = process.cpuUsage()
  return { cpuMs: (system + user) / 1000, loopMs: performance.eventLoopUtilization().active }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return "" // the process has ended, or there is no /proc
  }
}
