import { BadModel, Crashed, NotInstalled, OutOfMemory, type Reason, Refused, Unsupported } from "@rigbook/core"
import type { Request, WorkerError } from "./Protocol.ts"

const LESS_MEMORY = "Choose a smaller batch, a shorter maxLength, dtype float16 on a GPU, or a device with more memory."

/** What an error means that the worker answered `op` with. */
export const replyReason = (op: Request["op"], { kind, message, type }: WorkerError): Reason => {
  const said = `${type}: ${firstLine(message)}`
  if (kind === "out-of-memory")
    return new OutOfMemory({ detail: `Memory ran out during ${op} (${said}).`, fix: LESS_MEMORY })
  if (kind === "bad-vectors")
    return new Refused({
      detail: `The vectors can't be used: ${firstLine(message)}.`,
      fix: "Read how the model was loaded in the engine's log; its weights may be broken, or overflow in this dtype.",
    })
  if (kind !== "failed" || op !== "load")
    return new Refused({
      detail: `The worker answered ${op} with ${said}.`,
      fix: "Read the engine's log; the same texts and options give the same answer again.",
    })
  if (/trust_remote_code/.test(message))
    return new Unsupported({
      detail: "The model brings Python code of its own, which is not run unasked.",
      fix: "Read that code, then set trustRemoteCode: true for this model.",
    })
  if (/not compiled with CUDA|No CUDA GPUs|NVIDIA driver|invalid device ordinal/i.test(message))
    return new Unsupported({
      detail: `torch can't use the GPU (${said}).`,
      fix: "Run rigbook setup on this machine while nvidia-smi works, or name a python whose torch has CUDA, or place it on the cpu.",
    })
  return new BadModel({
    detail: `The model does not load (${said}).`,
    fix: "Compare its folder with its source: config.json, modules.json, the tokenizer and all weights have to be there.",
  })
}

/** The replicas that the worker says have ended. */
export const replicasIn = (log: ReadonlyArray<string>): ReadonlyArray<number> =>
  log.flatMap((line) => /^The replica in process (\d+)/.exec(line)?.[1] ?? []).map(Number)

/**
 * What it means that the worker ended by itself with `exitCode`, having said `logTail` last; what the kernel says of a
 * `shortage` of memory decides.
 */
export const deathReason = (exitCode: number, logTail: ReadonlyArray<string>, shortage?: string): Reason => {
  // Python itself says more once a replica has gone, of what that left behind.
  const replica = logTail.findLast((line) => line.startsWith("The replica in process"))
  const said = (replica ?? logTail.findLast((line) => line.trim() !== ""))?.trim().replace(/\.$/, "")
  const ending = exitCode > 128 ? `signal ${exitCode - 128}` : `exit code ${exitCode}`
  const why = shortage === undefined ? "" : `; ${shortage}`
  const detail = `The Python worker ended with ${ending}${said === undefined ? "" : `: ${said}`}${why}.`
  if (shortage !== undefined) return new OutOfMemory({ detail, fix: LESS_MEMORY })
  if (logTail.some((line) => /MemoryError|bad_alloc|out of memory|Cannot allocate memory/i.test(line)))
    return new OutOfMemory({ detail, fix: LESS_MEMORY })
  if (exitCode === 126 || exitCode === 127)
    return new NotInstalled({ detail, fix: "Run rigbook setup sentence-transformers, or mend the option python." })
  const fix =
    exitCode === 137
      ? "Somebody killed it: if it was the kernel for want of memory, its log (dmesg) says so; then choose less memory."
      : "Read the engine's log; if it happens again, report it with that log."
  return new Crashed({ detail, fix, exitCode })
}

const firstLine = (text: string): string => text.split("\n")[0]!.slice(0, 300)
