import { bytesOf, CPU, type ModelFacts, type Placement, type Task } from "@rigbook/core"
import type { MemoryCeiling } from "@rigbook/core/engine"
import { demand } from "./Demand.ts"
import { readEngineLog } from "./EngineLog.ts"
import type { Options } from "./Options.ts"

/** SIGABRT, SIGBUS and SIGSEGV: llama-server falls so where it does not get a context, and may not have told that yet. */
const FALLEN: ReadonlyArray<number> = [128 + 6, 128 + 7, 128 + 11]

/** Parts of what is needed that are allocated while a context is made; weights are mapped from their file. */
const ALLOCATED: ReadonlyArray<string> = ["KV cache", "compute"]

/** An end of llama-server before it was ready. */
export interface EarlyEnd {
  readonly exitCode: number
  readonly log: string
  readonly model: ModelFacts
  readonly options: Options
  readonly task: Task
  readonly placement: Placement
  /** The most that the process may have allocated. */
  readonly ceilings: ReadonlyArray<MemoryCeiling>
}

/**
 * That it got no memory, told from what is known without its last words: its log is written by a thread of its own, and
 * what that has not written yet is lost when llama-server falls. It has not told of a finished context, and its context
 * takes more than it may have. `undefined` where that can't be said. On devices, memory has other rules. Pure.
 */
export const inferredShortage = (end: EarlyEnd): string | undefined => {
  if (!FALLEN.includes(end.exitCode) || end.placement.devices.some((device) => device !== CPU)) return undefined
  if (readEngineLog(end.log).buffers.some(({ kind }) => kind === "compute")) return undefined
  const parts = demand(end.model, end.options, end.task).parts.filter(({ name }) => ALLOCATED.includes(name))
  const needed = bytesOf(parts)
  const [lowest] = end.ceilings.toSorted((a, b) => a.bytes - b.bytes)
  if (lowest === undefined || needed <= lowest.bytes) return undefined
  return `its context takes ${gib(needed)} (${parts.map(({ name }) => name).join(" + ")}), and ${lowest.rule} is ${gib(lowest.bytes)}: it said no more, and must have been refused the memory`
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`
