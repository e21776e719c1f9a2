import { readEngineLog } from "./EngineLog.ts"

/** A worker of vLLM that ended by itself, as the server logs it. */
export interface WorkerDeath {
  /** `'s worker VllmWorker-1 died (exit code -9)`: a continuation of "vLLM". */
  readonly how: string
  /** 128 + the signal's number for a signal. */
  readonly exitCode: number
  /** What to do, in sentences. */
  readonly fix: string
}

export const KILLED = "Check `dmesg`: the system may have killed it because memory ran out."
export const UNKNOWN = "Read the engine's log for the first error. Run the cell again."

/** Observed with small heads. The cause is unknown, so this is something to try, not a diagnosis. */
const FLOAT32 =
  "Set `dtype: float32` in backends.vllm: on an Intel processor with AMX, vLLM 0.32 sometimes crashes in bfloat16 with a " +
  "model that runs in float32."

/** The first worker that died; `undefined` if the log reports none. Pure. */
export const workerDeath = (log: ReadonlyArray<string>): WorkerDeath | undefined => {
  const died = log
    .map((line) => /Worker proc (\S+) died unexpectedly(?: \(exit code: (-?\d+)\))?/.exec(line))
    .find((match) => match !== null)
  if (died === undefined) return undefined
  const [, name, code] = died
  // A code of None means that it ended before it could be read: mostly it was killed, too.
  const ended = Number(code ?? -9)
  const bfloat16 = code !== "-9" && computesInBfloat16(log)
  const advice = [...(ended === -9 ? [KILLED] : []), ...(bfloat16 ? [FLOAT32] : [])]
  return {
    how: `'s worker ${name} died${code === undefined ? "" : ` (exit code ${code})`}${
      bfloat16 ? ", computing in bfloat16 on the processor" : ""
    }`,
    exitCode: ended < 0 ? 128 - ended : ended,
    fix: advice.length === 0 ? UNKNOWN : advice.join(" "),
  }
}

/** From the log, so `dtype: auto` is resolved. */
const computesInBfloat16 = (log: ReadonlyArray<string>): boolean => {
  const { device, settings } = readEngineLog(log.join("\n"))
  return device === "cpu" && settings["dtype"] === "bfloat16"
}
