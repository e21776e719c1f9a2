import { NodeServices } from "@effect/platform-node"
import { it } from "@effect/vitest"
import type { GenerateRequest, Observer, Session } from "@rigbook/core"
import { Effect, type Scope } from "effect"
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"

export const silent: Observer = { sent: () => {}, chunk: () => {} }
export const chat = (outputTokens: number): GenerateRequest => ({
  task: "generate",
  prompt: { messages: [{ role: "user", content: "w1 w2 w3" }] },
  outputTokens,
})

/** Members of the process group of an engine that still run. */
export const groupMembers = (group: number): ReadonlyArray<{ readonly pid: number; readonly args: string }> =>
  execFileSync("ps", ["-eo", "pgid=,pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, , stat]) => Number(pgid) === group && !stat!.startsWith("Z"))
    .map(([, pid, , ...args]) => ({ pid: Number(pid), args: args.join(" ") }))

export const workersOf = ({ pids: [group] }: Session) =>
  groupMembers(group!).filter(({ args }) => /VLLM::Worker/.test(args))

export const portOf = ({ pids: [group] }: Session): number =>
  Number(/ --port (\d+) /.exec(readFileSync(`/proc/${group}/cmdline`, "utf8").replaceAll("\0", " "))![1])

export const status = (pid: number, name: string): string =>
  new RegExp(`^${name}:\\s*(.+)$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]!

export const live = <E>(name: string, test: () => Effect.Effect<void, E, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => test().pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
