import { Crashed, NotInstalled, OutOfMemory, type Reason, Refused } from "../../runtime/BackendError.ts"
import type { WorkerError } from "./Protocol.ts"

/** What a worker's failures mean. */
export interface WorkerReasons<Op extends string = string> {
  /** An error in answer to `op`. */
  readonly answered: (op: Op, error: WorkerError) => Reason
  /** The end of the worker by itself; a `shortage` of memory that the kernel reported decides. */
  readonly ended: (exitCode: number, logTail: ReadonlyArray<string>, shortage?: string) => Reason
  /** Processes that the worker's log says have ended. */
  readonly children?: (logTail: ReadonlyArray<string>) => ReadonlyArray<number>
}

/** An engine's own words in the reasons of its worker. */
export interface WorkerWords<Op extends string> {
  /** What helps where memory ran out, in a sentence. */
  readonly lessMemory: string
  /** What helps where the program is missing, in a sentence. */
  readonly install: string
  /** The operation that loads the model. */
  readonly load: Op
  /** Why the model does not load, from the error and one line of it. */
  readonly notLoaded: (error: WorkerError, said: string) => Reason
  /** A line of the log that says more than the last one. */
  readonly telling?: (line: string) => boolean
}

/** The reasons of a Python worker. Pure. */
export const workerReasons = <const Op extends string>(
  words: WorkerWords<NoInfer<Op>>,
): Required<Pick<WorkerReasons<Op>, "answered" | "ended">> => ({
  answered: (op, error) => {
    const { kind, message, type } = error
    const said = `${type}: ${firstLine(message)}`
    if (kind === "out-of-memory")
      return new OutOfMemory({ detail: `Memory ran out during ${op} (${said}).`, fix: words.lessMemory })
    if (kind === "bad-vectors")
      return new Refused({
        detail: `The vectors can't be used: ${firstLine(message)}.`,
        fix: "Read in the engine's log how the model was loaded; its weights may be corrupt, or overflow in this dtype.",
      })
    if (kind === "failed" && op === words.load) return words.notLoaded(error, said)
    return new Refused({
      detail: `The worker answered ${op} with ${said}.`,
      fix: "Read the engine's log; the same texts and options will fail again.",
    })
  },
  ended: (exitCode, logTail, shortage) => {
    const telling = words.telling === undefined ? undefined : logTail.findLast(words.telling)
    const said = (telling ?? logTail.findLast((line) => line.trim() !== ""))?.trim().replace(/\.$/, "")
    const ending = exitCode > 128 ? `signal ${exitCode - 128}` : `exit code ${exitCode}`
    const why = shortage === undefined ? "" : `; ${shortage}`
    const detail = `The Python worker ended with ${ending}${said === undefined ? "" : `: ${said}`}${why}.`
    if (shortage !== undefined || logTail.some((line) => NO_MEMORY.test(line)))
      return new OutOfMemory({ detail, fix: words.lessMemory })
    if (exitCode === 126 || exitCode === 127) return new NotInstalled({ detail, fix: words.install })
    const fix =
      exitCode === 137
        ? "It was killed. If the kernel did that because memory ran out, its log (dmesg) says so: then reduce the memory needed."
        : "Read the engine's log; if it happens again, report it with that log."
    return new Crashed({ detail, fix, exitCode })
  },
})

const NO_MEMORY = /MemoryError|bad_alloc|out of memory|Cannot allocate memory/i

const firstLine = (text: string): string => text.split("\n")[0]!.slice(0, 300)
