import { bounds } from "@rigbook/core"
import { valueOf } from "../plan/Known.ts"
import type { PlannedCell } from "../plan/PlannedCell.ts"

/** What engines reach of the prompt speed that data sheets lead to, at the least. */
const PROMPT_SHARE = 0.1

/**
 * Seconds that the trials of a cell are expected to take: by its earlier records, else by the lowest speed that is estimated
 * for it; `undefined` if neither is known. Pure.
 */
export const cellSeconds = <R>({
  cell,
  scenario,
  seconds,
  speed,
}: Pick<PlannedCell<R>, "cell" | "scenario" | "seconds" | "speed">): number | undefined => {
  if ("value" in seconds) return seconds.value
  const protocol = valueOf(cell)?.spec.protocol
  const decode = valueOf(speed.decode)
  if (protocol === undefined || decode === undefined) return undefined
  if ((scenario.kind !== "latency" && scenario.kind !== "context") || typeof scenario.outputTokens !== "number")
    return undefined
  const depth = scenario.kind === "context" ? scenario.depth : 0
  // Where only the speed of answers is known, prompts take as long as answers: less than they do in any engine.
  const perPrompt = "value" in speed.prompt ? 1 / (PROMPT_SHARE * speed.prompt.value) : 1 / decode.low
  const trials = bounds(protocol.warmup).max + bounds(protocol.trials).max
  return trials * scenario.requests * (scenario.outputTokens / decode.low + depth * perPrompt)
}
