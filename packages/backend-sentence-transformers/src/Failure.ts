import { BadModel, Crashed, NotInstalled, OutOfMemory, type Reason, Refused, Unsupported } from "@rigbook/core"
import type { Request, WorkerError } from "./Protocol.ts"

const LESS_MEMORY = "Choose a smaller batch, a shorter maxLength, dtype float16 on a GPU, or a device with more memory."

/** What the worker's error in answer to `op` means. */
export const replyReason = (op: Request["op"], { kind, message, type }: WorkerError): Reason => {
  const said = `${type}: ${firstLine(message)}`
  if (kind === "out-of-memory")
    return new OutOfMemory({ detail: `Memory ran out during ${op} (${said}).`, fix: LESS_MEMORY })
  if (kind === "bad-vectors")
    return new Refused({
      detail: `The vectors can't be used: ${firstLine(message)}.`,
      fix: "Read in the engine's log how the model was loaded; its weights may be corrupt, or overflow in this dtype.",
    })
  if (kind !== "failed" || op !== "load")
    return new Refused({
      detail: `The worker answered ${op} with ${said}.`,
      fix: "Read the engine's log; the same texts and options will fail again.",
    })
  if (/trust_remote_code/.test(message))
    return new Unsupported({
      detail: "The model comes with Python code, which is not run by default.",
      fix: "Read that code, then set trustRemoteCode: true for this model.",
    })
  if (/not compiled with CUDA|No CUDA GPUs|NVIDIA driver|invalid device ordinal/i.test(message))
    return new Unsupported({
      detail: `torch can't use the GPU (${said}).`,
      fix: "Run rigbook setup on this machine while nvidia-smi works, or name a python whose torch has CUDA, or place the model on cpu.",
    })
  return new BadModel({
    detail: `The model does not load (${said}).`,
    fix: "Compare its folder with its source: config.json, modules.json, the tokenizer and all weights have to be present.",
  })
}

/** The replicas that the worker says have ended. */
export const replicasIn = (log: ReadonlyArray<string>): ReadonlyArray<number> =>
  log.flatMap((line) => /^The replica in process (\d+)/.exec(line)?.[1] ?? []).map(Number)

/**
 * What it means that the worker ended by itself with `exitCode` and the last log lines `logTail`; a `shortage` of
 * memory that the kernel reported decides.
 */
export const deathReason = (exitCode: number, logTail: ReadonlyArray<string>, shortage?: string): Reason => {
  // After a replica has ended, Python prints more, about its leftovers.
  const replica = logTail.findLast((line) => line.startsWith("The replica in process"))
  const said = (replica ?? logTail.findLast((line) => line.trim() !== ""))?.trim().replace(/\.$/, "")
  const ending = exitCode > 128 ? `signal ${exitCode - 128}` : `exit code ${exitCode}`
  const why = shortage === undefined ? "" : `; ${shortage}`
  const detail = `The Python worker ended with ${ending}${said === undefined ? "" : `: ${said}`}${why}.`
  if (shortage !== undefined) return new OutOfMemory({ detail, fix: LESS_MEMORY })
  if (logTail.some((line) => /MemoryError|bad_alloc|out of memory|Cannot allocate memory/i.test(line)))
    return new OutOfMemory({ detail, fix: LESS_MEMORY })
  if (exitCode === 126 || exitCode === 127)
    return new NotInstalled({ detail, fix: "Run rigbook setup sentence-transformers, or correct the option python." })
  const fix =
    exitCode === 137
      ? "It was killed. If the kernel did that because memory ran out, its log (dmesg) says so: then reduce the memory needed."
      : "Read the engine's log; if it happens again, report it with that log."
  return new Crashed({ detail, fix, exitCode })
}

const firstLine = (text: string): string => text.split("\n")[0]!.slice(0, 300)
