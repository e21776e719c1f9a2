import type { HostFacts, LaunchUnit } from "@rigbook/core"
import { workspaceAt } from "@rigbook/records"
import { forgetUnit, keptUnits, LOCAL } from "@rigbook/runner"
import { DateTime, Effect, Result } from "effect"
import { EXIT, usageFailure } from "../Failure.ts"
import { connectOnly, connectTo } from "../hosts/Connect.ts"
import { hostNames, keepHost, knownHost, removeHost } from "../hosts/KnownHosts.ts"
import { commandText } from "../output/CommandText.ts"
import { count } from "../output/Count.ts"
import { gib } from "../output/FitLine.ts"
import { print, printAside, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { workspaceHere } from "../Plugins.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** What `rigbook host add` was called with. */
export interface HostAddInput {
  readonly name: string
  readonly address: string
  readonly launcher: string
  readonly json: boolean
}

/** Connects to a machine, checks what it has and keeps it under a name. Exit code 1 if no engine is installed there. */
export const hostAdd = Effect.fn("Host.hostAdd")(function* ({ address, json, launcher, name }: HostAddInput) {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || name === LOCAL)
    return yield* usageFailure(
      name === LOCAL
        ? `"${LOCAL}" is this machine: choose another name.`
        : `"${name}" is no name of a host: use letters, digits, dots and dashes.`,
    )
  const { raw, root } = (yield* workspaceHere) ?? workspaceAt(process.cwd(), { rigbook: 1 })
  const connection = yield* connectTo({ address, launcher }, { name, workspace: { raw, root } })
  const facts = yield* connection.facts
  const checkedAt = DateTime.formatIso(yield* DateTime.now)
  yield* keepHost(name, { schema: 1, launcher, address, checkedAt, facts })
  yield* json ? printJson({ name, launcher, facts }) : print(hostPage(name, facts))
  return Object.values(facts.engines).some((engine) => "runtime" in engine) ? EXIT.done : EXIT.failed
}, Effect.scoped)

const hostPage = (name: string, { engines, host, scheduler }: HostFacts): string =>
  [
    `${name}: ${host.os}, ${host.kernel}`,
    "",
    table(
      ["device", "name", "memory", "free"],
      host.devices.map(({ freeBytes, id, memoryBytes, name: device }) => [
        id,
        device,
        memoryBytes === undefined ? "unknown" : `${gib(memoryBytes)} GiB`,
        freeBytes === undefined ? "unknown" : `${gib(freeBytes)} GiB`,
      ]),
    ),
    "",
    table(
      ["backend", "engine"],
      Object.entries(engines).map(([backend, engine]) => [
        backend,
        "runtime" in engine ? `${engine.runtime.program} ${engine.runtime.version}` : engine.absent,
      ]),
    ),
    "",
    ...(scheduler === undefined ? [] : [loginNode(), ""]),
    `Next: ${commandText("rigbook", "plan", "--on", name)}, ${commandText("rigbook", "run", "--on", name)}`,
  ].join("\n")

const loginNode = (): string =>
  `It submits jobs to a Slurm cluster. To measure on its nodes, run this there, in a workspace: ${commandText("rigbook", "host", "add", "cluster", "localhost", "--launcher", "slurm")}`

/** Lists the hosts that were added. */
export const hostList = Effect.fn("Host.hostList")(function* ({ json }: { readonly json: boolean }) {
  const hosts = yield* Effect.forEach(yield* hostNames, (name) =>
    Effect.map(knownHost(name), ({ checkedAt, facts, launcher }) => ({ name, launcher, checkedAt, facts })),
  )
  yield* json
    ? printJson(hosts)
    : print(
        hosts.length === 0
          ? "No host was added. Add one with: rigbook host add NAME user@box"
          : table(
              ["host", "launcher", "devices", "checked"],
              hosts.map(({ facts, launcher, checkedAt, name }) => [
                name,
                launcher,
                facts.host.devices.map((device) => device.name).join(" + "),
                checkedAt.slice(0, 16).replace("T", " "),
              ]),
            ),
      )
  return EXIT.done
})

/** What the other commands of hosts were called with. */
export interface HostInput {
  readonly name: string
  readonly json: boolean
}

/** Forgets a host. */
export const hostRemove = Effect.fn("Host.hostRemove")(function* ({ json, name }: HostInput) {
  yield* removeHost(name)
  yield* json ? printJson({ removed: name }) : print(`${name} is forgotten. What is there stays there.`)
  return EXIT.done
})

/** Units that are cancelled at the same time: of a cluster, each starts commands of Slurm until it has ended. */
const CANCELS = 8

/** Cancels the units of this workspace that were submitted to a host and are not collected. */
export const hostStop = Effect.fn("Host.hostStop")(function* ({ json, name }: HostInput) {
  const workspace = yield* openWorkspace
  const units = yield* keptUnits(workspace, name)
  const cancelled: Array<LaunchUnit> = []
  const problems: Array<string> = []
  if (units.length > 0) {
    const connection = yield* connectOnly(name, workspace)
    // All are cancelled before any is collected: one whose records are refused keeps no other running.
    // At the same time, or a scheduler would start one after the other in the place of those before it.
    const outcomes = yield* Effect.forEach(units, ({ name: unit }) => Effect.result(connection.cancel(unit)), {
      concurrency: CANCELS,
    })
    for (const [at, outcome] of outcomes.entries())
      if (Result.isFailure(outcome)) problems.push(outcome.failure.message)
      else cancelled.push(units[at]!)
    for (const unit of cancelled) {
      const collected = yield* Effect.result(connection.collect(unit))
      if (Result.isFailure(collected)) problems.push(collected.failure.message)
      else yield* forgetUnit(workspace, name, unit)
    }
  }
  for (const problem of problems) printAside(problem)
  yield* json
    ? printJson({ host: name, cancelled: cancelled.map((unit) => unit.name), problems })
    : print(
        `${count(cancelled.length, "unit")} cancelled on ${name}. Trials that were measured are kept there for the next run.`,
      )
  return problems.length === 0 ? EXIT.done : EXIT.failed
}, Effect.scoped)
