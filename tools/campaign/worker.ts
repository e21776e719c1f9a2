/**
 * Carries commands out in one process, one after the other, as the program does: what `bin.ts` parses and `CarryOut.ts`
 * performs. A message is a command with its folder; the answer is what it printed, and what it took.
 */
import { readFileSync, writeFileSync } from "node:fs"
import type { CommandResult } from "./CommandResult.ts"

let stdout = ""
let stderr = ""
const keep = (add: (text: string) => void) =>
  ((chunk: string | Uint8Array, ...rest: ReadonlyArray<unknown>) => {
    add(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())
    const done = rest.at(-1)
    if (typeof done === "function") queueMicrotask(() => Reflect.apply(done, undefined, []))
    return true
  }) as typeof process.stdout.write
const keepOut = keep((text) => (stdout += text))
process.stdout.write = keepOut // before the program binds it
process.stderr.write = keep((text) => (stderr += text))
// What nothing handles ends this process, as it would end the program; whoever started it then reads why here.
process.on("exit", (code) => process.send?.({ code, stdout, stderr, cpuMs: 0, peakMib: 0, gone: true }))

const { Effect } = await import("effect")
const { parse } = await import("../../packages/cli/src/Parse.ts")
const { perform } = await import("../../packages/cli/src/CarryOut.ts")

/** Bytes of memory at most since `forgetPeak`, in MiB. */
const peakMib = (): number => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) / 1024
const forgetPeak = (): void => writeFileSync("/proc/self/clear_refs", "5")

interface Order {
  readonly cwd: string
  readonly args: ReadonlyArray<string>
  readonly jumps: ReadonlyArray<{ readonly afterMs: number; readonly byMs: number }>
}

const trueNow = Date.now.bind(Date)
const TrueDate = Date
/** By how much the wall clock is wrong. Clocks that only count on are not concerned, as on a real machine. */
let shiftMs = 0
Date.now = () => trueNow() + shiftMs
globalThis.Date = new Proxy(TrueDate, {
  construct: (target, args: Array<unknown>) =>
    Reflect.construct(target, args.length === 0 ? [Date.now()] : args) as Date,
})

process.on("message", ({ args, cwd, jumps }: Order) => {
  void (async () => {
    ;[stdout, stderr] = ["", ""]
    process.chdir(cwd)
    forgetPeak()
    const cpu = process.cpuUsage()
    const timers = jumps.map(({ afterMs, byMs }) => setTimeout(() => (shiftMs += byMs), afterMs))
    const action = await parse(args)
    const code = typeof action === "number" ? action : await Effect.runPromise(perform(action))
    for (const timer of timers) clearTimeout(timer)
    shiftMs = 0
    const { system, user } = process.cpuUsage(cpu)
    process.send?.({
      code,
      stdout,
      stderr,
      cpuMs: (user + system) / 1000,
      peakMib: peakMib(),
      polluted: ({} as { readonly polluted?: unknown }).polluted !== undefined,
    } satisfies CommandResult)
  })()
})
process.on("disconnect", () => process.exit()) // whoever started it has ended
process.send?.("ready")
