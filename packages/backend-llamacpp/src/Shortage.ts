import { bytesOf, CPU, type ModelFacts, type Placement, type Task } from "@rigbook/core"
import type { MemoryCeiling } from "@rigbook/core/engine"
import { demand } from "./Demand.ts"
import { readEngineLog } from "./EngineLog.ts"
import type { Options } from "./Options.ts"

/** SIGABRT, SIGBUS and SIGSEGV: llama-server ends so if it can't create a context, and may not have logged it yet. */
const FALLEN: ReadonlyArray<number> = [128 + 6, 128 + 7, 128 + 11]

/** Parts of what is needed that are allocated while a context is made; weights are mapped from their file. */
const ALLOCATED: ReadonlyArray<string> = ["KV cache", "compute"]

/** How llama-server ended before it was ready. */
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
 * Whether memory ran out, inferred without its last lines: its log is written by a separate thread, and
 * unwritten lines are lost when llama-server crashes. It has not logged a finished context, and its context
 * takes more than it may allocate. `undefined` if that is unknown. On devices, memory has other rules. Pure.
 */
export const inferredShortage = (end: EarlyEnd): string | undefined => {
  if (!FALLEN.includes(end.exitCode) || end.placement.devices.some((device) => device !== CPU)) return undefined
  if (readEngineLog(end.log).buffers.some(({ kind }) => kind === "compute")) return undefined
  const parts = demand(end.model, end.options, end.task).parts.filter(({ name }) => ALLOCATED.includes(name))
  const needed = bytesOf(parts)
  const [lowest] = end.ceilings.toSorted((a, b) => a.bytes - b.bytes)
  if (lowest === undefined || needed <= lowest.bytes) return undefined
  return `its context takes ${gib(needed)} (${parts.map(({ name }) => name).join(" + ")}), and ${lowest.rule} is ${gib(lowest.bytes)}: it logged nothing more, so the allocation must have failed`
}

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`
