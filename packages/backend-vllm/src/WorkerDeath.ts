import { Crashed } from "@rigbook/core"
import { readEngineLog } from "./EngineLog.ts"

export const KILLED = "Look into `dmesg`: the system may have ended it for want of memory."
export const UNKNOWN = "Read the engine's log for the first error. Run the cell again."

/** Seen with small heads. The cause is not known, so this is something to try, not a diagnosis. */
const FLOAT32 =
  "Set `dtype: float32` in backends.vllm: on an Intel processor with AMX, vLLM 0.32 was seen to die in bfloat16 with a " +
  "model that runs in float32."

/** Why vLLM ended, where its log says that a worker died; `undefined` where it does not. Pure. */
export const workerDeath = (exitCode: number, log: ReadonlyArray<string>): Crashed | undefined => {
  const died = log
    .map((line) => /Worker proc (\S+) died unexpectedly(?: \(exit code: (-?\d+)\))?/.exec(line))
    .find((match) => match !== null)
  if (died === undefined) return undefined
  const [, name, code] = died
  const bfloat16 = code !== "-9" && computesInBfloat16(log)
  const advice = [
    // A code of None means that it fell before it could be asked: mostly it was killed, too.
    ...(code === undefined || code === "-9" ? [KILLED] : []),
    ...(bfloat16 ? [FLOAT32] : []),
  ]
  return new Crashed({
    detail: `vLLM's worker ${name} died${code === undefined ? "" : ` (exit code ${code})`}${
      bfloat16 ? ", computing in bfloat16 on the processor" : ""
    }.`,
    fix: advice.length === 0 ? UNKNOWN : advice.join(" "),
    exitCode,
  })
}

/** As the log has it: what `dtype: auto` came to, too. */
const computesInBfloat16 = (log: ReadonlyArray<string>): boolean => {
  const { device, settings } = readEngineLog(log.join("\n"))
  return device === "cpu" && settings["dtype"] === "bfloat16"
}
