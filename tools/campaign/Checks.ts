import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import type { CommandResult } from "./CommandResult.ts"
import type { Violation } from "./Fault.ts"
import { LIMITS } from "./Limits.ts"
import { SECRETS } from "./Secrets.ts"

const TRACE =
  /^\s+at .+(?::\d+:\d+|<anonymous>)|node:internal|for a reason that it does not know|ended with a defect|Maximum call stack|Invalid string length/m
// oxlint-disable-next-line no-control-regex -- these are what it looks for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** What is wrong with how any command ended. Pure. */
export const problemsOf = (ended: CommandResult, args: ReadonlyArray<string>): ReadonlyArray<Violation> => {
  const both = ended.stdout + ended.stderr
  const name = `rigbook ${args.join(" ")}`
  const trace = TRACE.exec(both)
  const control = CONTROL.exec(both)
  return [
    ...(ended.late === true ? [{ invariant: "bounded-time" as const, detail: `${name}: no end` }] : []),
    ...(ended.cpuMs > LIMITS.cpuMs
      ? [{ invariant: "bounded-time" as const, detail: `${name}: ${Math.round(ended.cpuMs)} ms of processor time` }]
      : []),
    ...(ended.peakMib > LIMITS.memoryMib
      ? [{ invariant: "bounded-memory" as const, detail: `${name}: ${Math.round(ended.peakMib)} MiB` }]
      : []),
    ...(trace === null ? [] : [{ invariant: "no-trace" as const, detail: `${name}: ${around(both, trace.index)}` }]),
    ...(ended.gone === true ? [{ invariant: "no-trace" as const, detail: `${name}: ended its process: ${both}` }] : []),
    ...(ended.polluted === true
      ? [{ invariant: "exit-code" as const, detail: `${name}: the prototype of all objects is changed` }]
      : []),
    ...(control === null
      ? []
      : [{ invariant: "no-control-characters" as const, detail: `${name}: ${around(both, control.index)}` }]),
    ...leaks(both, name),
    ...(args.includes("--json") && ended.late !== true && !isJson(ended.stdout)
      ? [{ invariant: "exit-code" as const, detail: `${name}: standard output is no JSON: ${around(ended.stdout, 0)}` }]
      : []),
  ]
}

/** Secrets in the files of a workspace, except those that were put there. */
export const leaksIn = (root: string, own: (path: string) => boolean): ReadonlyArray<Violation> =>
  filesIn(root)
    .filter((path) => !own(path))
    .flatMap((path) => leaks(readFileSync(join(root, path), "latin1"), path))

const leaks = (text: string, where: string): ReadonlyArray<Violation> => [
  ...[SECRETS.token, SECRETS.key]
    .filter((secret) => text.includes(secret))
    .map((secret) => ({ invariant: "no-secret" as const, detail: `${where}: ${around(text, text.indexOf(secret))}` })),
  ...(text.includes(SECRETS.outside) ? [{ invariant: "no-outside-file" as const, detail: where }] : []),
]

/** Paths of the ordinary files below a folder, from it. */
export const filesIn = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && statSync(join(entry.parentPath, entry.name)).size < 2 ** 24)
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const around = (text: string, at: number): string => JSON.stringify(text.slice(Math.max(0, at - 60), at + 200))
