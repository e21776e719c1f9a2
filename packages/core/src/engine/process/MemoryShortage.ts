import type { KernelLines } from "./KernelLog.ts"

/** What is known of an engine's end from outside its log. */
export interface EngineEnd {
  /** 128 + the signal's number for a signal. */
  readonly exitCode: number
  /** Its processes, as the kernel calls them. */
  readonly pids: ReadonlyArray<number>
  /** Since it was started; `undefined` if the log can't be read. */
  readonly kernel: KernelLines | undefined
  /** Out-of-memory kills that the kernel counted in its control group, before it was started and now. */
  readonly oomKills: { readonly before: number | undefined; readonly now: number | undefined }
}

const SIGKILL = 128 + 9
/** SIGABRT, SIGBUS and SIGSEGV: a program whose allocation failed ends so, often without reporting why. */
const FALLEN: ReadonlyArray<number> = [128 + 6, 128 + 7, 128 + 11]

/** `Killed process 12 (python3) total-vm:…` after the kind of shortage, or on a line of its own. */
const KILLED = /(?:^|out of memory.*: )Killed process (\d+)\b/i
/** The ids of Linux before 6.6 come without bytes. */
const REFUSED = /__vm_enough_memory: pid: (\d+), comm: .*?, (?:bytes: (\d+) not|no) enough memory for the allocation/

/**
 * That an engine ended because memory ran out, as a clause such as `the kernel refused it 1221.0 GiB`; `undefined` if
 * nothing says so. Only a line about one of its own processes counts. If the kernel's log is not available, a SIGKILL
 * counts if the kernel's counter of out-of-memory kills rose meanwhile. Pure.
 */
export const memoryShortage = ({ exitCode, kernel, oomKills, pids }: EngineEnd): string | undefined => {
  const own = (pattern: RegExp) =>
    kernel?.lines.map((line) => pattern.exec(line)).findLast((match) => pids.includes(Number(match?.[1])))
  const killed = own(KILLED)
  if (killed) return `the kernel killed its process ${killed[1]} because memory ran out`
  if (FALLEN.includes(exitCode)) {
    const refused = own(REFUSED)
    if (refused) return `the kernel refused it ${refused[2] === undefined ? "memory" : gib(Number(refused[2]))}`
  }
  const { before, now } = oomKills
  if (exitCode !== SIGKILL || kernel?.whole === true || before === undefined || now === undefined || now <= before)
    return undefined
  return `meanwhile the kernel killed ${now - before} of its control group's processes because memory ran out`
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
